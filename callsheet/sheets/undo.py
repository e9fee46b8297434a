"""Undo: what a replacing import has replaced is kept for a day, in a hidden tab."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from callsheet.errors import NothingToUndo, UndoImpossible
from callsheet.sheets.appearance import Json, add_rows, new_id, tagging
from callsheet.sheets.client import Guard
from callsheet.sheets.exchange import delete_tab, empty_columns, keep, put_in_place, put_note
from callsheet.sheets.facts import CHANGE_KEY, StagingTag, TabFacts, UndoTag, to_value
from callsheet.sheets.index import read_index
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.plan import runs_between

UNDO_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Undone:
    """What came back. at: when it was replaced, in UTC. records: how many stand in the tab."""

    tab_id: int
    tab_title: str
    at: datetime
    records: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The requests that keep a tab's data, and the hidden tab that they make."""

    requests: list[Json]
    facts: TabFacts


def age(tag: UndoTag | StagingTag, now: datetime) -> timedelta:
    """Return how old a tab of ours is; nothing if its tag does not say."""
    try:
        return now - datetime.fromisoformat(tag.at)
    except (ValueError, TypeError):
        return timedelta()


def digest(rows: Mapping[str, int]) -> str:
    """Return a fingerprint of which key stands in which row."""
    lines = sorted((row, key) for key, row in rows.items())
    return hashlib.sha256("\n".join(f"{row} {key}" for row, key in lines).encode()).hexdigest()


def keep_data(
    tab: ManagedTab, *, flow: str, records: int, room: int, in_place: bool, keys: str
) -> Kept | None:
    """Return how the tab's data are kept, whole; None if there is no room for them.

    room: cells that may be added. in_place, keys: as in UndoTag.
    """
    file, facts = tab.spreadsheet, tab.facts
    columns = sorted(facts.managed, key=lambda key: facts.managed[key])
    if facts.rows * len(columns) > room:
        return None
    tab_id = new_id()
    now = file.client.clock.now().isoformat()
    tag = UndoTag(flow, file.id, tab_id, tab.id, now, records, columns, in_place, keys)
    runs = runs_between((facts.managed[key], place) for place, key in enumerate(columns))
    requests = keep(tab_id, facts.rows, len(columns), to_value(tag), source_id=tab.id, runs=runs)
    title = f"Callsheet undo {tab_id}"
    return Kept(requests, TabFacts(tab_id, title, facts.rows, len(columns), undo=tag))


def undo(tab: ManagedTab, guard: Guard, token: int | None) -> Undone:
    """Put the kept data back, at one stroke, and forget them.

    tab: with no other column than the primary key's, so that any state of the others will do.
    token: id of a tag that tells later that this very undo was made.
    Raises NothingToUndo and UndoImpossible; then nothing was changed.
    """
    file, facts = tab.spreadsheet, tab.facts
    now = file.client.clock.now()
    found = [u for u in file.facts.undos(tab.id) if u.undo and age(u.undo, now) <= UNDO_LIFE]
    if not found or found[-1].undo is None:
        raise NothingToUndo(f"tab {tab.id}")
    kept, tag = found[-1], found[-1].undo
    _require_notes_in_place(tab, tag)
    file.client.change(
        file.id,
        [*_put_back(tab, kept, tag), *_mark(tab, token)],
        lambda: file.reload().tab(kept.id) is None,
        guard,
    )
    file.forget({kept.id})
    return Undone(tab.id, facts.title, datetime.fromisoformat(tag.at), tag.records)


def forget_undo(tab: ManagedTab, guard: Guard, done: Collection[int] = ()) -> None:
    """Delete what is kept of this tab: it has changed since in another way; at most one write.

    done: ids of other tabs of ours to delete with it, where they are still there.
    """
    file = tab.spreadsheet
    kept = {undo.id for undo in file.facts.undos(tab.id)}
    kept |= {other.id for other in file.facts.tabs if other.id in done}
    if kept:
        requests = [delete_tab(tab_id) for tab_id in sorted(kept)]
        file.client.change(
            file.id, requests, lambda: kept.isdisjoint(t.id for t in file.reload().tabs), guard
        )
        file.forget(kept)


def _require_notes_in_place(tab: ManagedTab, tag: UndoTag) -> None:
    """Raise UndoImpossible if the person's own columns are not beside the rows kept."""
    facts = tab.facts
    if facts.columns <= len(facts.managed):
        return
    has_key = tab.entity.primary_key.key in facts.managed
    if not (tag.in_place and has_key and digest(read_index(tab).rows) == tag.keys):
        raise UndoImpossible(f"tab {tab.id}")


def _put_back(tab: ManagedTab, kept: TabFacts, tag: UndoTag) -> list[Json]:
    facts, file = tab.facts, tab.spreadsheet
    requests: list[Json] = []
    more = max(0, kept.rows - facts.rows)
    if more:
        file.check_room(more * facts.columns, f"{more:,} more rows, to go back")
        requests += add_rows(tab.id, facts.rows, more, [])
    places = [
        (place, facts.managed[key]) for place, key in enumerate(tag.columns) if key in facts.managed
    ]
    rows = facts.rows + more
    newer = [place for key, place in facts.managed.items() if key not in tag.columns]
    return [
        *requests,
        *put_in_place(
            kept.id,
            tab.id,
            runs=runs_between(places),
            skipped=0,
            last_row=kept.rows,
            grid_rows=rows,
        ),
        *empty_columns(tab.id, sorted(newer), rows),
        *_note(tab, tag),
        delete_tab(kept.id),
    ]


def _mark(tab: ManagedTab, token: int | None) -> list[Json]:
    return [] if token is None else [tagging(CHANGE_KEY, "", {"sheetId": tab.id}, token)]


def _note(tab: ManagedTab, tag: UndoTag) -> list[Json]:
    """Return the request that says on the key column's header, where the freshness line stands."""
    file, key = tab.spreadsheet, tab.entity.primary_key
    if key.key not in tab.facts.managed:
        return []
    now, at = (
        moment.astimezone(file.zone).strftime("%Y-%m-%d %H:%M")
        for moment in (file.client.clock.now(), datetime.fromisoformat(tag.at))
    )
    text = f"Taken back on {now}: these are the data from before the import of {at}.\n\n{key.note}"
    return [put_note(tab.id, tab.facts.managed[key.key], text.strip())]
