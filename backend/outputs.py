"""What the API answers; a secret has no field here."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from callsheet.data_flow import Cadence
from callsheet.errors import Recovery
from callsheet.run import Phase, RunState, Trigger


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ErrorOut(_Out):
    """Why something did not work. message: a sentence to show. recovery: what helps."""

    code: str
    message: str
    recovery: Recovery


class ErrorAnswer(_Out):
    """Every answer that is an error."""

    error: ErrorOut


class RunErrorOut(_Out):
    """Why a run failed."""

    code: str
    message: str
    recovery: str


class SessionOut(_Out):
    """A new session; `sidebar_url` goes into the frame, with the session in its fragment."""

    session: str
    expires_at: datetime
    sidebar_url: str


class SpreadsheetOut(_Out):
    """The spreadsheet of the session."""

    id: str
    title: str
    time_zone: str


class UserOut(_Out):
    """The person of the session."""

    email: str


class ConnectionOut(_Out):
    """A saved Aircall sign-in, without its token."""

    id: str
    company_name: str
    api_id: str
    created_at: datetime


class ServerKeyOut(_Out):
    """The public half of the server's own Aircall key."""

    api_id: str


class EntityOut(_Out):
    """One kind of Aircall data. Dates are days in the spreadsheet's time zone."""

    name: str
    label: str
    help: str
    has_start_date: bool
    default_since: date | None
    default_cadence: Cadence
    earliest_since: date | None


class CadenceOut(_Out):
    """A rhythm and how it is called."""

    name: Cadence
    label: str


class TabOut(_Out):
    """A tab of the spreadsheet."""

    id: int
    title: str


class ProgressOut(_Out):
    """How far a run is."""

    phase: Phase
    rows_received: int
    rows_expected: int | None


class CountsOut(_Out):
    """What a run did."""

    rows_received: int
    rows_added: int
    rows_updated: int
    rows_unchanged: int
    source_requests: int
    destination_requests: int


class RunOut(_Out):
    """One execution of a data flow."""

    id: str
    flow_id: str
    entity: str
    trigger: Trigger
    state: RunState
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    progress: ProgressOut
    counts: CountsOut
    warnings: list[str]
    error: RunErrorOut | None


class FlowOut(_Out):
    """A data flow with its tab (known after its first run), its last and its active run."""

    id: str
    connection_id: str
    label: str
    entity: str
    since: str | None
    cadence: Cadence
    tab: TabOut | None
    next_run_at: datetime | None
    paused_because: str | None
    last_run: RunOut | None
    active_run: RunOut | None


class Overview(_Out):
    """All that the sidebar needs to open."""

    spreadsheet: SpreadsheetOut
    user: UserOut
    session_expires_at: datetime
    service_account_email: str
    edit_proved: bool
    connection: ConnectionOut | None
    server_key: ServerKeyOut | None
    entities: list[EntityOut]
    cadences: list[CadenceOut]
    flows: list[FlowOut]


class ProofOut(_Out):
    """What the add-on writes into the spreadsheet: `nonce` under the metadata key `key`."""

    nonce: str
    key: str
    service_account_email: str
    expires_at: datetime


class ProvedOut(_Out):
    """Edit access is proved."""

    edit_proved: bool


class StartedOut(_Out):
    """A data flow with the run that was started, and what to know about its start date."""

    flow: FlowOut
    run: RunOut
    warnings: list[str]


class ChangedFlow(_Out):
    """A data flow after a change, and what to know about its start date."""

    flow: FlowOut
    warnings: list[str]


class HealthOut(_Out):
    """The process, or its store, is there."""

    status: str
