"""What hands have changed: calls added, moved, deleted and edited on top of the invented ones."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field

from sandbox.aircall.records import Record


@dataclass(slots=True)
class CallEdit:
    """The changes made to one call."""

    fields: Record = field(default_factory=dict)
    comments: list[Record] = field(default_factory=list)
    tags: list[Record] = field(default_factory=list)
    untagged: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Finalisation:
    """What will change on a call added by hand some minutes after its end."""

    due: int
    call_id: int
    fields: Record
    shift: int


class Overlay:
    """Added calls in order of their start, indexes of calls that are gone, edits by call id.

    In an added call people, the line, the contact and the teams are ids: what happens to those
    later shows on the call, as it does on the invented ones.
    """

    def __init__(self) -> None:
        self.added: dict[int, Record] = {}
        self.gone: list[int] = []
        self.edits: dict[int, CallEdit] = {}
        self._order: list[tuple[int, int]] = []
        self._pending: list[Finalisation] = []

    def add(self, call: Record) -> None:
        """Add a call at its place in time."""
        self.added[call["id"]] = call
        insort(self._order, (call["started_at"], call["id"]))

    def remove_added(self, call_id: int) -> None:
        """Take an added call away without a trace."""
        call = self.added.pop(call_id)
        del self._order[bisect_left(self._order, (call["started_at"], call_id))]
        self.edits.pop(call_id, None)

    def move(self, call_id: int, started_at: int) -> None:
        """Give an added call another start, and so another place."""
        call = self.added[call_id]
        del self._order[bisect_left(self._order, (call["started_at"], call_id))]
        call["started_at"] = started_at
        insort(self._order, (started_at, call_id))

    def hide(self, index: int) -> None:
        """Take an invented call away without a trace."""
        insort(self.gone, index)

    def is_gone(self, index: int) -> bool:
        """Say whether an invented call was taken away."""
        place = bisect_left(self.gone, index)
        return place < len(self.gone) and self.gone[place] == index

    def gone_between(self, first: int, end: int) -> list[int]:
        """Return the indexes taken away in a range."""
        return self.gone[bisect_left(self.gone, first) : bisect_left(self.gone, end)]

    def added_between(self, after: int, upto: int) -> list[tuple[int, int]]:
        """Return start and id of the calls added in `after < start <= upto`."""
        low = bisect_left(self._order, (after + 1, 0))
        return self._order[low : bisect_right(self._order, (upto + 1, 0))]

    def edit_of(self, call_id: int) -> CallEdit:
        """Return the edits of a call, ready to be added to."""
        return self.edits.setdefault(call_id, CallEdit())

    def promise(self, finalisation: Finalisation) -> None:
        """Note a finalisation that lies ahead."""
        self._pending.append(finalisation)

    def settle(self, now: int) -> None:
        """Carry out the finalisations that are due."""
        due = [entry for entry in self._pending if entry.due <= now]
        if not due:
            return
        self._pending = [entry for entry in self._pending if entry.due > now]
        for entry in due:
            call = self.added.get(entry.call_id)
            if call is not None:
                call.update(entry.fields)
                if entry.shift:
                    self.move(entry.call_id, call["started_at"] + entry.shift)
