"""What the API answers; a secret has no field here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, field_validator

from callsheet.errors import Recovery
from callsheet.quality import Quality, sentences
from callsheet.run import Phase, QueueName, RunState, Trigger
from callsheet.schedule import Cadence


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
    """A saved Aircall sign-in, without its token.

    requests_per_minute: what Aircall allows the company; null: the server's setting. spare_share:
    the part of it, 0 to 0.9, that is left to the company's other integrations.
    """

    id: str
    company_name: str
    api_id: str
    created_at: datetime
    requests_per_minute: int | None
    spare_share: float


class ServerKeyOut(_Out):
    """The public half of the server's own Aircall key."""

    api_id: str


class CadenceOut(_Out):
    """A rhythm and how it is called."""

    name: Cadence
    label: str


class ProgressOut(_Out):
    """How far a run is. What is expected is null until the source has been counted.

    rows_per_minute: since the run began, waits included. seconds_left: at that rate.
    """

    phase: Phase
    rows_received: int
    rows_expected: int | None
    pages_received: int
    pages_expected: int | None
    rows_per_minute: int | None
    seconds_left: int | None


class CountsOut(_Out):
    """What a run did."""

    rows_received: int
    rows_added: int
    rows_updated: int
    rows_unchanged: int
    rows_removed: int = 0
    source_requests: int
    destination_requests: int


class QualityOut(_Out):
    """What a run received against what the source counts, and what looks odd in it.

    sentences: the same in plain words.
    """

    received: int
    total: int
    duplicates: int
    without_id: int
    missing: int
    without_agent: int
    without_line: int
    without_team: int
    ended_before_started: int
    unknown_values: int
    odd_numbers: int
    agents_not_in_roster: int | None
    sentences: list[str]


class RunOut(_Out):
    """One execution of a data flow.

    queue: where its next slice waits for a worker. slices: pieces of work so far. resume_at: when
    a waiting run goes on.
    """

    id: str
    flow_id: str
    entity: str
    trigger: Trigger
    state: RunState
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    queue: QueueName
    attempt: int
    slices: int
    resume_at: datetime | None
    progress: ProgressOut
    counts: CountsOut
    warnings: list[str]
    error: RunErrorOut | None
    quality: QualityOut | None = None

    @field_validator("quality", mode="before")
    @classmethod
    def _in_words(cls, card: object) -> object:
        if not isinstance(card, Quality):
            return card
        return {**asdict(card), "sentences": sentences(card)}


class TotalsOut(_Out):
    """What all runs of a flow that are over came to, those that are no longer listed included."""

    runs: int
    succeeded: int
    failed: int
    cancelled: int
    lost: int
    rows_received: int
    rows_added: int
    rows_updated: int
    rows_unchanged: int
    rows_removed: int
    source_requests: int
    destination_requests: int


class RunsOut(_Out):
    """The runs of a flow, newest first, and the sums of all there have been."""

    runs: list[RunOut]
    totals: TotalsOut


class ProofOut(_Out):
    """What the add-on writes into the spreadsheet: `nonce` under the metadata key `key`."""

    nonce: str
    key: str
    service_account_email: str
    expires_at: datetime


class ProvedOut(_Out):
    """Edit access is proved."""

    edit_proved: bool


class EstimateOut(_Out):
    """What an import would need.

    rows: at most, filters are applied after reading. minutes: at the request budget. share: of
    the 10 million cells of a spreadsheet. suggested_days, suggested_since: what fits ten minutes,
    where this does not. headline: rows and time in words; detail: requests and cells. summary: all
    of it as one line.
    """

    entity: str
    rows: int
    requests: int
    minutes: float
    columns: int
    cells: int
    share: float
    crosses_six_months: bool
    suggested_days: int | None
    suggested_since: date | None
    warnings: list[str]
    headline: str
    detail: str
    summary: str
