"""Once: changes of a tab that must not be made twice, since they move rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from callsheet.errors import DestinationRefused
from callsheet.sheets.appearance import new_id, tagging
from callsheet.sheets.client import Json
from callsheet.sheets.facts import CHANGE_KEY
from callsheet.sheets.live import LiveRows
from callsheet.sheets.refusals import RangeGone


class Once:
    """Sends batchUpdates of one tab that delete or insert rows.

    Each leaves a tag with an id of ours, by which a copy of it that arrives late is refused, and
    by which we see after a lost answer whether it was made. The next run's first one takes the
    tags of earlier runs away.
    """

    def __init__(self, live: LiveRows, keep: Iterable[int] = ()) -> None:
        """keep: tags of earlier changes of this run, not to be taken away yet."""
        self._live = live
        self._token = new_id()
        self._tokens = set(keep)
        self._refused = False

    def send(self, requests: Sequence[Json], seen_at: datetime, *, more_rows: int) -> bool:
        """Make one atomic batchUpdate; one write. False if all must be read and planned anew.

        seen_at: when the tab was looked at for it. more_rows: by how many the grid grows. Raises
        what SheetsClient.change raises.
        """
        live = self._live
        tab, file = live.tab, live.tab.spreadsheet
        self._tokens.add(self._token)
        try:
            file.client.change(
                file.id,
                [*requests, *self._tags()],
                self._is_made,
                live.guard,
                live.send_until(seen_at),
            )
        except RangeGone:
            raise
        except DestinationRefused:
            tab.reload(live.guard)
            if self._refused and not self._is_tagged():
                raise
            self._refused = True
            if self._is_tagged():  # an earlier try of ours was late, not lost
                self._token = new_id()
            return False
        self._remember(more_rows)
        return True

    def _tags(self) -> list[Json]:
        """Return the requests that leave this change's tag and delete those of earlier runs."""
        tab = self._live.tab
        old = [tag for tag in tab.facts.changes if tag not in self._tokens]
        lookups = [{"developerMetadataLookup": {"metadataId": tag}} for tag in old]
        return [
            *({"deleteDeveloperMetadata": {"dataFilter": lookup}} for lookup in lookups),
            tagging(CHANGE_KEY, "", {"sheetId": tab.id}, self._token),
        ]

    def _is_made(self) -> bool:
        self._live.tab.spreadsheet.reload()
        return self._is_tagged()

    def _is_tagged(self) -> bool:
        return self._token in self._live.tab.facts.changes

    def _remember(self, more_rows: int) -> None:
        facts = self._live.tab.facts
        if not self._is_tagged():  # the facts were not read again behind the change
            mine = (*(tag for tag in facts.changes if tag in self._tokens), self._token)
            facts = replace(facts, rows=facts.rows + more_rows, changes=mine)
            self._live.tab.spreadsheet.remember(facts)
        self._token = new_id()
