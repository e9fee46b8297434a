"""Repeatable draws: each number of the world is a pure function of seed, kind and index."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeVar

_SPLIT = struct.Struct("<24H16s").unpack
_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1

T = TypeVar("T")


class Draws(NamedTuple):
    """Twenty-four numbers below 65,536 and sixteen bytes.

    A named tuple and not a dataclass: one is made for each call on each page, and this is four
    times cheaper.
    """

    numbers: tuple[int, ...]
    token: str


class Dice:
    """Draw for one kind of thing in one seeded world."""

    def __init__(self, seed: int, kind: str) -> None:
        self._base = blake2b(f"{kind}:{seed}".encode(), digest_size=64)
        self._phase = int.from_bytes(self._base.digest()[:8], "little")

    def throw(self, index: int) -> Draws:
        """Return the draws of one index."""
        hashed = self._base.copy()
        hashed.update(index.to_bytes(8, "little"))
        parts = _SPLIT(hashed.digest())
        return Draws(parts[:24], parts[24].hex())

    def unit(self, index: int) -> float:
        """Return one number in [0, 1), much cheaper than a whole throw."""
        return (((index * _GOLDEN + self._phase) & _MASK) >> 40) / 16777216.0


def pick(options: Sequence[T], number: int) -> T:
    """Return one of the options."""
    return options[number % len(options)]
