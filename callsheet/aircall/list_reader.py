"""Read lists that carry no dates whole, single objects, and the snapshot of availabilities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callsheet.aircall.client import AircallClient
from callsheet.aircall.page import PAGE_SIZE, Page
from callsheet.aircall.reading import Part, Tally
from callsheet.aircall.sieve import RecordWatch, id_of
from callsheet.aircall.windowed import READINGS
from callsheet.aircall.windows import LAST_PAGE, WALL
from callsheet.entity import Entity, Record
from callsheet.errors import SourceNotFound, UnexpectedPayload


class ListReader:
    """Reads a list with all its pages, again while its total moves; holds it in memory.

    The lists read so are small: Aircall allows 100 webhooks, and no list goes beyond 10,000.
    """

    def __init__(self, client: AircallClient, entity: Entity, now: datetime) -> None:
        self.tally = Tally()
        self.is_whole = True
        self.read_at: datetime | None = None
        self._client = client
        self._entity = entity
        self._now = now
        self._path = entity.path
        self._first: Page | None = None
        self._watch = RecordWatch(entity, self.tally)

    def expect(self) -> int:
        """Ask for the first page, which tells the total: one request, the first time."""
        if self._first is None:
            self._first = self._page(1)
            self.tally.total = self._first.total
        return self._first.total

    def parts(self) -> Iterator[Part]:
        """Yield one part: the whole list. Raises SourceError while its pages are read."""
        yield Part(self._pages(), self._now)

    def _pages(self) -> Iterator[list[Record]]:
        records = list(self._read_until_it_stands_still().values())
        self.tally.received = len(records)
        for start in range(0, len(records), PAGE_SIZE):
            yield self._watch.cleaned(records[start : start + PAGE_SIZE])

    def _read_until_it_stands_still(self) -> dict[int | str, Record]:
        tally, found = self.tally, dict[int | str, Record]()
        for again in range(READINGS):
            earlier, found = found, {}
            moved = self._read_once(found, again)
            came = len(found) + tally.without_id
            if not moved and (came >= tally.total or tally.total > WALL):
                break
            found = {**earlier, **found}
        tally.missing = max(0, tally.total - len(found) - tally.without_id)
        self.is_whole = not (moved or tally.missing or tally.without_id)
        if moved:
            tally.warnings.append(
                f"{self._entity.label} kept coming and going while they were read. "
                "Refresh again to be sure that none is missing."
            )
        return found

    def _read_once(self, found: dict[int | str, Record], again: int) -> bool:
        """Read all pages into `found`, by id; return whether the total moved meanwhile."""
        tally, moved = self.tally, False
        tally.duplicates = tally.without_id = 0
        for page in self._each_page(again):
            moved = moved or (page.number > 1 and page.total != tally.total)
            tally.total = page.total
            for record in page.records:
                key = id_of(record, self._entity)
                if key is None:
                    tally.without_id += 1
                else:
                    tally.duplicates += key in found
                    found[key] = record
        return moved

    def _each_page(self, again: int) -> Iterator[Page]:
        for number in range(1, LAST_PAGE + 1):
            page = self._first if number == 1 else None
            self._first = None
            page = page or self._page(number, again)
            yield page
            if page.is_last:
                return

    def _page(self, number: int, again: int = 0) -> Page:
        try:
            return self._ask(number, again)
        except SourceNotFound:
            other = self._entity.fallback_path
            if other is None or self._path == other:
                raise
            self.tally.warnings.append(
                f"Aircall has no {self._path} any more; the older {other} was read instead. "
                "Please report this."
            )
            self._path = other
            return self._ask(number, again)

    def _ask(self, number: int, again: int) -> Page:
        entity = self._entity
        page = self._client.page(
            self._path, entity.records_key, entity.parameters or {}, number=number, again=again
        )
        self.tally.asked += not page.is_remembered
        if self.read_at is None or number == 1:
            self.read_at = page.read_at
        return page


class ObjectReader:
    """Reads one object as the only record (Companies)."""

    def __init__(self, client: AircallClient, entity: Entity, now: datetime) -> None:
        self.tally = Tally()
        self.is_whole = True
        self._client = client
        self._entity = entity
        self._now = now

    def expect(self) -> int:
        """Return 1, without a request."""
        return 1

    def parts(self) -> Iterator[Part]:
        """Yield one part: the object. Raises SourceError while it is read."""
        yield Part(self._pages(), self._now)

    def _pages(self) -> Iterator[list[Record]]:
        record = self._client.get(self._entity.path).get(self._entity.records_key)
        self.tally.asked += 1
        if not isinstance(record, dict):
            raise UnexpectedPayload(f"{self._entity.path} without {self._entity.records_key}")
        self.tally.total = 1
        if id_of(record, self._entity) is None:
            self.tally.without_id, self.is_whole = 1, False
            return
        self.tally.received = 1
        yield RecordWatch(self._entity, self.tally).cleaned([record])


class SnapshotReader:
    """Reads who is available right now, with each agent's name, e-mail and the time of reading."""

    def __init__(self, client: AircallClient, entity: Entity, users: Entity, now: datetime) -> None:
        self._list = ListReader(client, entity, now)
        self._users = ListReader(client, users, now)
        self._now = now
        self.tally = self._list.tally
        self.is_whole = True

    def expect(self) -> int:
        """Ask for the first page of availabilities: one request, the first time."""
        return self._list.expect()

    def parts(self) -> Iterator[Part]:
        """Yield one part: the snapshot. Raises SourceError while its pages are read."""
        for part in self._list.parts():
            yield Part(self._joined(part), self._now)

    def _joined(self, part: Part) -> Iterator[list[Record]]:
        agents = self._agents()
        for page in part.pages:
            read_at = self._list.read_at or self._now
            stamp = int(read_at.timestamp())
            yield [{**record, **agents.get(record["id"], {}), "read_at": stamp} for record in page]
        self.is_whole = self._list.is_whole

    def _agents(self) -> dict[Any, dict[str, Any]]:
        try:
            pages = [page for part in self._users.parts() for page in part.pages]
        except SourceNotFound:
            self.tally.warnings.append(
                "Aircall's list of users was not there, so the names of agents are empty."
            )
            return {}
        finally:
            self.tally.warnings += self._users.tally.warnings
            self.tally.asked += self._users.tally.asked
        return {
            user["id"]: {"name": user.get("name"), "email": user.get("email")}
            for page in pages
            for user in page
        }
