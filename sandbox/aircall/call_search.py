"""The filters of the call search; they read every call of the window, as nothing is indexed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.aircall.call_book import CallBook
from sandbox.aircall.call_text import Flags
from sandbox.aircall.records import Record
from sandbox.aircall.window import CallRef, Window


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What a search asks for; None and empty let everything pass."""

    direction: str | None
    user_id: int | None
    phone_number: str | None
    tags: tuple[int, ...]

    @classmethod
    def from_args(cls, args: Mapping[str, str], tags: list[str]) -> CallFilter:
        """Read the filter from a query; a comma list of tags matches nothing."""
        user = args.get("user_id", "")
        phone = _digits(args.get("phone_number", ""))
        return cls(
            direction=args.get("direction") or None,
            user_id=int(user) if user.isdigit() else None,
            phone_number=phone or None,
            tags=tuple(int(tag) if tag.isdigit() else -1 for tag in tags),
        )

    def passes(self, call: Record) -> bool:
        """Say whether a call matches."""
        if self.direction and call["direction"] != self.direction:
            return False
        if self.user_id is not None and (call["user"] or {}).get("id") != self.user_id:
            return False
        if self.phone_number and self.phone_number not in _both_sides(call):
            return False
        return set(self.tags) <= {tag["id"] for tag in call["tags"]}


def search(book: CallBook, window: Window, wanted: CallFilter, now: int) -> list[CallRef]:
    """Return the calls of a window that match, in ascending order."""
    refs = window.refs(0, window.total)
    if wanted == CallFilter(None, None, None, ()):
        return refs
    flags = Flags()
    return [ref for ref in refs if wanted.passes(book.record(ref, flags, now))]


def _both_sides(call: Record) -> tuple[str, str]:
    ours = (call["number"] or {}).get("digits", "")
    return _digits(call["raw_digits"]), _digits(ours)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
