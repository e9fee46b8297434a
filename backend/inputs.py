"""What the API takes: the declarations that validate the input and write the document."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from callsheet.data_flow import WriteMode
from callsheet.flows.options import OptionsModel
from callsheet.flows.schedules import ScheduleModel


def _token(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value().strip()
    if not value:
        raise ValueError("The API token is empty. Copy it from Aircall.")
    if len(value) > 500 or not value.isascii() or not value.isprintable():
        raise ValueError("The API token is not in the form that Aircall gives. Copy it again.")
    return SecretStr(value)


def _one_word(text: str) -> str:
    if not text.isascii() or not text.isprintable() or ":" in text or " " in text:
        raise ValueError("The API ID is not in the form that Aircall gives. Copy it again.")
    return text


SpreadsheetId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=1, max_length=200)
]
ApiId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_word),
]
ApiToken = Annotated[SecretStr, AfterValidator(_token)]
TabTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Since = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40),
    Field(
        description="A day YYYY-MM-DD in the spreadsheet's time zone, or an instant in ISO 8601.",
        examples=["2026-11-01"],
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SessionBody(_Body):
    """The spreadsheet that the sidebar is opened in."""

    spreadsheet_id: SpreadsheetId
    spreadsheet_title: Annotated[str, StringConstraints(max_length=1000)] = ""
    time_zone: Annotated[str, StringConstraints(max_length=100)] | None = None
    locale: Annotated[str, StringConstraints(max_length=40)] | None = None


class ProofBody(_Body):
    """The nonce that was written into the spreadsheet."""

    nonce: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class KeyBody(_Body):
    """An Aircall key: its two parts, or the server's own."""

    api_id: ApiId | None = None
    api_token: ApiToken | None = None
    use_server_key: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        given = self.api_id is not None and self.api_token is not None
        if self.use_server_key and (self.api_id or self.api_token):
            raise ValueError("Give an API ID and token, or use the server's key, but not both.")
        if not given and not self.use_server_key:
            raise ValueError("Enter both the API ID and the API token of your Aircall key.")
        return self


class ConnectionChange(_Body):
    """The share of the company's request limit that we use; what is left out stays.

    requests_per_minute: what Aircall allows the company, all its integrations together; null: the
    server's setting. spare_share: the part of it that is left to the other integrations.
    """

    requests_per_minute: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None
    spare_share: Annotated[float, Field(strict=True, ge=0, le=0.9, allow_inf_nan=False)] | None = (
        None
    )


class EstimateBody(_Body):
    """What would be imported."""

    entity: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    since: Since | None = None
    options: OptionsModel | None = None


class FlowChange(_Body):
    """What to change about a data flow; what is left out stays.

    label: empty to label it by itself again. tab: the title to give its tab when that is made.
    """

    since: Since | None = None
    schedule: ScheduleModel | None = None
    options: OptionsModel | None = None
    write_mode: WriteMode | None = None
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    tab: TabTitle | None = None


class SchedulePreviewBody(_Body):
    """A schedule that is being chosen. flow_id: of the flow that would get it; none: a new one."""

    schedule: ScheduleModel
    flow_id: Annotated[str, StringConstraints(max_length=60)] | None = None


class FlowBody(FlowChange):
    """What to import. `since` is needed for entities that have a start date, unless it rolls.

    another: beside the flows that there are of this entity, not instead of changing one.
    connection_id: else the one that the spreadsheet has.
    """

    entity: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    another: bool = False
    connection_id: Annotated[str, StringConstraints(max_length=60)] | None = None


class HowMany(_Body):
    """How many of a list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20


class RemoveQuery(_Body):
    """What happens to the tab of a data flow that is removed."""

    with_tab: bool = False


class OneOfEachBody(_Body):
    """since: the start date of entities that have one; else 30 days ago."""

    since: Since | None = None


class FlowFileBody(_Body):
    """A file of data flows, and what to do with it."""

    yaml: str
    dry_run: bool = False
    prune: bool = False
