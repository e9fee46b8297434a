"""What passes from pages into a reading: each record once, the rest counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from callsheet.aircall.reading import Tally
from callsheet.entity import Entity, Record

_REMEMBERED = 20_000
"""How many ids of earlier windows are kept: a call may move by a second into the next window."""

_MOST_WARNINGS = 20


class Sieve:
    """Passes each record once, window by window, a window being read one or more times."""

    def __init__(self, entity: Entity, tally: Tally) -> None:
        self._entity = entity
        self.tally = tally
        self._watch = RecordWatch(entity, tally)
        self._earlier: deque[set[int | str]] = deque()
        self._in_window: set[int | str] = set()
        self._in_reading: set[int | str] = set()
        self.without_id = 0

    @property
    def received(self) -> int:
        """How many records the window has given so far, those without an id included."""
        return len(self._in_window) + self.without_id

    def begin_window(self) -> None:
        """Forget what is no longer needed; the records of another window follow."""
        self._earlier.append(self._in_window)
        while len(self._earlier) > 1 and sum(map(len, self._earlier)) > _REMEMBERED:
            self._earlier.popleft()
        self._in_window = set()
        self.begin_reading()

    def begin_reading(self) -> None:
        """The same window follows again from its first page."""
        self._in_reading = set()
        self.without_id = 0

    def end_window(self, missing: int) -> None:
        """Add up a window that will not be read again."""
        self.tally.missing += missing
        self.tally.without_id += self.without_id

    def passed(self, records: Iterable[Any]) -> list[Record]:
        """Return the records that have not come before."""
        entity, in_reading, in_window = self._entity, self._in_reading, self._in_window
        fresh = []
        for record in records:
            key = id_of(record, entity)
            if key is None:
                self.without_id += 1
            elif key in in_reading:
                self.tally.duplicates += 1
            else:
                in_reading.add(key)
                if key not in in_window and self._is_new(key):
                    fresh.append(record)
        self.tally.received += len(fresh)
        return self._watch.cleaned(fresh)

    def _is_new(self, key: int | str) -> bool:
        """Note a key of this window; whether no earlier window had it."""
        self._in_window.add(key)
        for ids in self._earlier:
            if key in ids:
                self.tally.duplicates += 1
                return False
        return True


class RecordWatch:
    """Reports each unknown field and value once, and takes withheld fields out."""

    def __init__(self, entity: Entity, tally: Tally) -> None:
        self._known_fields = entity.known_fields
        self._known_values = dict(entity.known_values or {})
        self._withheld = frozenset(entity.withheld)
        self._tally = tally
        self._reported: set[str] = set()

    def cleaned(self, records: list[Record]) -> list[Record]:
        """Return the records without withheld fields, having looked at fields and values."""
        self._look_at_fields(records)
        self._look_at_values(records)
        if not self._withheld:
            return records
        return [
            {name: value for name, value in record.items() if name not in self._withheld}
            for record in records
        ]

    def _look_at_fields(self, records: list[Record]) -> None:
        known = self._known_fields
        for record in records:
            if not known.issuperset(record):
                for name in sorted(record.keys() - known):
                    self._report(
                        f"Aircall sent a field that Callsheet does not know, “{name[:40]}”; it "
                        "was passed over."
                    )

    def _look_at_values(self, records: list[Record]) -> None:
        for name, known in self._known_values.items():
            for record in records:
                value = record.get(name)
                if value is not None and value.__class__ is str and value not in known:
                    self._report(
                        f"Aircall sent an unknown value “{value[:40]}” in {name}; it was kept as "
                        "text."
                    )

    def _report(self, warning: str) -> None:
        if warning not in self._reported and len(self._reported) < _MOST_WARNINGS:
            self._reported.add(warning)
            self._tally.warnings.append(warning)


def id_of(record: Any, entity: Entity) -> int | str | None:
    """Return what identifies a record, or None where that is missing."""
    key = record.get(entity.id_field) if isinstance(record, dict) else None
    return key if isinstance(key, int | str) and key != "" else None
