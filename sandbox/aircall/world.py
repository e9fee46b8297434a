"""One invented company: its clock, its people and things, its calls."""

from __future__ import annotations

from pathlib import Path
from threading import RLock

from sandbox.aircall.call_book import CallBook
from sandbox.aircall.call_extras import CallExtras
from sandbox.aircall.call_text import CallWriter
from sandbox.aircall.callers import contacts_for, invent_contacts
from sandbox.aircall.clock import WorldClock
from sandbox.aircall.directory import Directory
from sandbox.aircall.inventor import Inventor, Party
from sandbox.aircall.lines import LINES
from sandbox.aircall.media import MediaLinks
from sandbox.aircall.plan import Plan, build_timetable
from sandbox.aircall.presence import Presence
from sandbox.aircall.records import Record
from sandbox.aircall.samples import load_samples
from sandbox.aircall.staff import TEAM_IDS, hire, number_records, tag_records, team_records
from sandbox.aircall.webhooks import webhook_records
from sandbox.aircall.window import Window

FOREVER = 1 << 40
RETENTION_DAYS = 183
"""Six months; the real edge (calendar months or days) is not known."""

COMPANY = "Juniper & Slate Homewares"


class World:
    """Everything one company's keys can see."""

    def __init__(
        self,
        plan: Plan,
        clock: WorldClock,
        *,
        company: str = COMPANY,
        samples_dir: Path | None = None,
        retention_days: int | None = RETENTION_DAYS,
    ) -> None:
        self.plan = plan
        self.clock = clock
        self.born = clock.seconds()
        self.lock = RLock()
        self.retention_days = None if samples_dir else retention_days
        staff = hire(plan.seed, self.born)
        self.directory = Directory(company, Presence(plan.seed, staff))
        table = build_timetable(plan, self.born)
        links = MediaLinks(900_000 + plan.seed)
        staff_teams = team_records(staff, self.born)
        extras = CallExtras(self.directory, _teams_of_lines(staff_teams))
        count = contacts_for(plan.calls) if plan.contacts is None else plan.contacts
        contacts, phones = invent_contacts(plan.seed, count, self.born)
        parties = [Party(c["id"], phone) for c, phone in zip(contacts, phones, strict=True)]
        inventor = Inventor(plan, table, staff, parties)
        writer = CallWriter(self.directory, links, extras)
        self.book = CallBook(table, inventor, writer, self.directory, links)
        if samples_dir is not None:
            load_samples(samples_dir, self.directory, self.book.overlay)
            return
        self.directory.users = {a.id: a.record for a in staff.agents if a.employed}
        self.directory.teams = {team["id"]: team for team in staff_teams}
        self.directory.numbers = {number["id"]: number for number in number_records(self.born)}
        self.directory.tags = {tag["id"]: tag for tag in tag_records()}
        self.directory.contacts = {contact["id"]: contact for contact in contacts}
        self.directory.webhooks = {hook["id"]: hook for hook in webhook_records(self.born)}

    def now(self) -> int:
        """Return the present second, with everything that moves brought up to it."""
        now = self.clock.seconds()
        self.directory.settle(now)
        return now

    def oldest(self, now: int) -> int:
        """Return the moment before which no call is shown."""
        return 0 if self.retention_days is None else now - self.retention_days * 86_400

    def set_arrivals(self, per_minute: float) -> None:
        """Let calls arrive at another rate from the next second on."""
        self.book.table.open_stretch(self.now() + 1, per_minute)

    def window(self, after: int | None, upto: int | None, now: int) -> Window:
        """Return the calls of a window that exist by now and are not too old to be shown."""
        # A samples folder has no future: its calls are shown whatever the clock says.
        horizon = FOREVER if self.retention_days is None else now
        oldest = self.oldest(now)
        return self.book.window(
            oldest if after is None else min(max(after, oldest), horizon),
            horizon if upto is None else min(upto, horizon),
            now,
        )


def _teams_of_lines(teams: list[Record]) -> tuple[int, ...]:
    names = [team["name"] for team in teams]
    return tuple(TEAM_IDS + names.index(line.team) for line in LINES)
