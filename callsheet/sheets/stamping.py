"""Stamping: puts the freshness line on a tab, and never costs anybody a rule of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from callsheet.sheets.appearance import Json, new_id
from callsheet.sheets.client import Guard
from callsheet.sheets.facts import formula_of
from callsheet.sheets.freshness import Freshness, is_ours, note_text, overdue_formula, stamp
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.plan import rows_to_spans

_LOOK_LIFE = timedelta(seconds=15)  # rules have no names: where ours stands must be just read
_TRIES = 3


def put_stamp(tab: ManagedTab, fresh: Freshness, guard: Guard) -> None:
    """Renew the note of the key column's header and the rule that turns the headers red.

    One write; one read before it if the file was not read in the last 15 seconds. A person who
    moves the rules in between may make us take one of theirs for ours: the answer shows it, and
    it is put back. Raises TabMissing and the errors of SheetsClient.
    """
    file = tab.spreadsheet
    if file.client.clock.now() - file.read_at > _LOOK_LIFE:
        file.reload()
    for _ in range(_TRIES):
        taken = _send(tab, fresh, guard)
        if not taken:
            return
        _put_back(tab, taken, guard)


def _send(tab: ManagedTab, fresh: Freshness, guard: Guard) -> list[Json]:
    """Make the change exactly once; returns what gives back the rules that were not ours."""
    file, facts, key = tab.spreadsheet, tab.facts, tab.entity.primary_key
    formula = overdue_formula(fresh.next_refresh, file.zone) if fresh.next_refresh else ""
    place = facts.managed.get(key.key)
    token = new_id()
    requests, rules = stamp(
        tab.id,
        None if place is None else (place, note_text(fresh, file.zone, key.note)),
        formula=formula if facts.managed else "",
        columns=rows_to_spans(facts.managed.values()),
        rules=facts.rules,
        token=token,
        old_tokens=facts.stamps,
    )

    def is_there() -> bool:
        file.reload()
        return token in tab.facts.stamps

    replies = file.client.change(file.id, requests, is_there, guard)
    file.remember(replace(tab.facts, rules=rules, stamps=(token,)))
    return list(_taken(requests, replies))


def _taken(requests: Sequence[Json], replies: Sequence[Json]) -> Iterator[Json]:
    """Yield the requests that add the rules which were not ours and which we took away."""
    for request, reply in zip(requests, replies, strict=False):  # no replies if they were lost
        for kind, answer in (("update", "oldRule"), ("delete", "rule")):
            name = f"{kind}ConditionalFormatRule"
            old = reply.get(name, {}).get(answer)
            if old and not is_ours(formula_of(old)):
                yield {"addConditionalFormatRule": {"index": request[name]["index"], "rule": old}}


def _put_back(tab: ManagedTab, requests: list[Json], guard: Guard) -> None:
    """Add the rules again, the last taken first, and look where all of them stand now."""
    file, before = tab.spreadsheet, len(tab.facts.rules)

    def is_there() -> bool:
        file.reload()
        return len(tab.facts.rules) > before

    file.client.change(file.id, requests[::-1], is_there, guard)
    file.reload()
