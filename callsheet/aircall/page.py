"""One answer of a paged list, and what is made of its body."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callsheet.entity import Record
from callsheet.errors import UnexpectedPayload

PAGE_SIZE = 50
"""Aircall cuts a larger per_page to 50 (API reference, pagination)."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a paged list. total: records in the whole query as the source counts them.

    read_at: when the source was asked; earlier than now for an answer that was remembered.
    """

    records: list[Record]
    number: int
    per_page: int
    total: int
    read_at: datetime
    is_remembered: bool = False

    @property
    def is_last(self) -> bool:
        """Whether the source has no further page; the test that holds on every list."""
        return self.number * self.per_page >= self.total


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded answer, when the source was asked, and whether that was before this reading."""

    value: dict[str, Any]
    read_at: datetime
    is_remembered: bool = False


def page_of(body: Body, path: str, records_key: str, number: int, per_page: int) -> Page:
    """Return the page that a body holds. Raises UnexpectedPayload where it holds none."""
    records, meta = body.value.get(records_key), body.value.get("meta")
    if not isinstance(records, list) or not isinstance(meta, dict):
        raise UnexpectedPayload(f"{path} without {records_key} or meta")
    try:
        size, total = int(meta.get("per_page", per_page)), int(meta["total"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise UnexpectedPayload(f"{path} with a meta that cannot be read") from None
    if size < 1:
        raise UnexpectedPayload(f"{path} with pages of {size}")
    return Page(records, number, size, total, body.read_at, body.is_remembered)
