"""What the API answers about data flows, and the overview that shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from backend.offers import EntityOut
from backend.outputs import (
    CadenceOut,
    ConnectionOut,
    RunOut,
    ServerKeyOut,
    SpreadsheetOut,
    UserOut,
)
from backend.outside import NoticeOut
from callsheet.data_flow import WriteMode
from callsheet.flows.options import OptionsModel
from callsheet.flows.plan import Action, Step
from callsheet.flows.preview import Preview
from callsheet.flows.schedules import ScheduleOut


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TabOut(_Out):
    """A tab of the spreadsheet."""

    id: int
    title: str


class FlowOut(_Out):
    """A data flow with its tab (known after its first run), its last and its active run.

    name: short and stable, for files and the command line. label: made from entity and tab until
    a person chooses one. is_retried: what comes next is another try of a refresh that failed.
    is_paused: by a person. paused_because: what a person has to fix.
    placement: when within its rhythm it is refreshed, and why then. stale_since: when the second
    slot in a row went by without a success; null while it is fresh.
    """

    id: str
    name: str
    connection_id: str
    label: str
    label_is_chosen: bool
    entity: str
    since: str | None
    schedule: ScheduleOut
    options: OptionsModel
    write_mode: WriteMode
    tab: TabOut | None
    placement: str | None
    next_run_at: datetime | None
    is_retried: bool
    stale_since: datetime | None
    is_paused: bool
    paused_because: str | None
    last_run: RunOut | None
    active_run: RunOut | None


class FlowsOut(_Out):
    """The spreadsheet's data flows, oldest first."""

    flows: list[FlowOut]


class Overview(_Out):
    """All that the sidebar needs to open.

    requests_per_minute: the server's setting, for connections without their own.
    """

    spreadsheet: SpreadsheetOut
    user: UserOut
    session_expires_at: datetime
    service_account_email: str
    edit_proved: bool
    connection: ConnectionOut | None
    server_key: ServerKeyOut | None
    requests_per_minute: int
    entities: list[EntityOut]
    cadences: list[CadenceOut]
    flows: list[FlowOut]
    notices: list[NoticeOut]


class StartedOut(_Out):
    """A data flow with the run that was started, and what to know about its start date."""

    flow: FlowOut
    run: RunOut
    warnings: list[str]


class ChangedFlow(_Out):
    """A data flow after a change, and what to know about its start date."""

    flow: FlowOut
    warnings: list[str]


class SchedulePreviewOut(_Out):
    """What a schedule would mean if it were saved now.

    next_runs: the first three refreshes; none while it is off. placement: when within its rhythm,
    and why then. note: what happens on the next day on which clocks change, if anything.
    """

    schedule: ScheduleOut
    next_runs: list[datetime]
    placement: str | None
    note: str | None

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """Return how the API shows the preview."""
        return cls(
            schedule=ScheduleOut.of(preview.schedule),
            next_runs=list(preview.next_runs),
            placement=preview.placement,
            note=preview.note,
        )


class OneOfEachOut(_Out):
    """The data flows that were made, and those of entities that had one already."""

    made: list[FlowOut]
    kept: list[FlowOut]


class FlowFileOut(_Out):
    """The spreadsheet's data flows as a YAML file."""

    yaml: str


class ChangeOut(_Out):
    """A field of the file before and after; null: the default."""

    before: Any
    after: Any


class StepOut(_Out):
    """What applying a file does to one data flow. notes: what to know about its start date."""

    name: str
    entity: str
    action: Action
    changes: dict[str, ChangeOut]
    notes: list[str]

    @classmethod
    def of(cls, step: Step) -> Self:
        """Return how the API shows the step."""
        return cls(
            name=step.flow.name,
            entity=step.flow.entity,
            action=step.action,
            changes={
                field: ChangeOut(before=before, after=after)
                for field, (before, after) in step.changes.items()
            },
            notes=list(step.notes),
        )


class AppliedOut(_Out):
    """What applying a file has done, or would do."""

    dry_run: bool
    flows: list[StepOut]
