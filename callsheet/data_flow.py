"""DataFlow: connection + entity + start date + tab + write mode + schedule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callsheet.options import FlowOptions
from callsheet.schedule import Schedule


class WriteMode(StrEnum):
    """How rows reach the tab.

    UPDATE: upsert by primary key. REPLACE: the tab then holds this window and nothing else.
    APPEND: snapshots: a record that is new or has changed gets another row with the time at which
    it was read (shaping.snapshots_of); rows already written are never touched again.
    """

    UPDATE = "update"
    REPLACE = "replace"
    APPEND = "append"


@dataclass(frozen=True, slots=True)
class DataFlow:
    """One import into one tab, with its options and its schedule.

    name: short and stable, one flow of the connection has it; for files and the command line.
    label: chosen by a person; None: made from entity and tab (flows/labels.py).
    since: the start as the person gave it: a day YYYY-MM-DD in the spreadsheet's time zone, or an
    instant in ISO 8601. tab_id: known after the first run. tab_title: as last seen; before the
    first run the one to give it. bookmark: up to which instant the source has been read and
    written (UTC). next_run_at: None while the schedule is off or paused.
    zone: the spreadsheet's time zone, by whose clock the schedule goes (an IANA name). offset:
    by how many seconds each slot is later than the schedule says, so that flows do not collide;
    None: not placed yet (stagger.py). account: the connection's Aircall account. retry_at: when a
    run that failed is tried again; equal to next_run_at while that is the next thing.
    deep_read_at: when it was last read with the deep look-back, or whole.
    paused_because: the sentence of the error that a person has to fix; None while all is well.
    is_paused: by a person, until a person resumes it; only its schedule rests.
    """

    id: str
    spreadsheet_id: str
    connection_id: str
    entity: str
    name: str
    since: str | None
    schedule: Schedule
    created_at: datetime
    created_by: str
    label: str | None = None
    write_mode: WriteMode = WriteMode.UPDATE
    tab_id: int | None = None
    tab_title: str | None = None
    bookmark: datetime | None = None
    next_run_at: datetime | None = None
    paused_because: str | None = None
    failures: int = 0
    options: FlowOptions = field(default_factory=FlowOptions)
    deep_read_at: datetime | None = None
    zone: str = "Etc/UTC"
    offset: int | None = None
    account: str = ""
    retry_at: datetime | None = None
    is_paused: bool = False

    @property
    def tab_key(self) -> str:
        """What marks its tab. Another layout is another table, so it has a tab of its own."""
        layout = self.options.layout
        return f"{self.id}:{layout}" if layout else self.id
