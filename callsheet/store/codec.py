"""Value objects to JSON and back; fields unknown to this version are passed over."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def dump(value: object) -> bytes:
    """Return the JSON of a dataclass."""
    return _adapter(type(value)).dump_json(value)


def load(cls: type[T], text: bytes | str) -> T:
    """Return the dataclass that `dump` wrote."""
    value: T = _adapter(cls).validate_json(text)
    return value


def prepare(*classes: type) -> None:
    """Get ready for these classes now, not when the first of them comes."""
    for cls in classes:
        _adapter(cls)


def _adapter(cls: type) -> TypeAdapter[Any]:
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]
