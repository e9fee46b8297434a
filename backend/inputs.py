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
    ValidationError,
    model_validator,
)

from backend.options import OptionsModel
from backend.schedules import ScheduleModel
from callsheet.errors import InvalidRequest


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


class FlowBody(_Body):
    """What to import. `since` is needed for entities that have a start date, unless it rolls."""

    entity: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    since: Since | None = None
    schedule: ScheduleModel | None = None
    options: OptionsModel | None = None


class EstimateBody(_Body):
    """What would be imported."""

    entity: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    since: Since | None = None
    options: OptionsModel | None = None


class FlowChange(_Body):
    """What to change about a data flow; what is left out stays."""

    since: Since | None = None
    schedule: ScheduleModel | None = None
    options: OptionsModel | None = None


_LABELS = {
    "api_id": "API ID",
    "api_token": "API token",
    "requests_per_minute": "number of requests a minute",
    "spare_share": "share left to other integrations",
    "since": "start date",
    "cadence": "refresh rhythm",
    "at": "time of day",
    "days": "list of days",
    "start": "start of the working hours",
    "end": "end of the working hours",
    "rolling_days": "rolling window",
    "look_back_hours": "look-back",
    "deep_look_back_days": "daily look-back",
    "when_gone": "choice for removed records",
    "when_rolled_out": "choice for rows that leave the rolling window",
}


_RHYTHMS = "This refresh rhythm is not known here: the shortest is every 15 minutes."


def sentence(error: ValidationError) -> InvalidRequest:
    """Return one plain sentence about the first thing that is wrong, without its value."""
    problem = error.errors(include_url=False, include_input=False)[0]
    places = [str(part) for part in problem["loc"]]
    field = next((_LABELS[one] for one in places if one in _LABELS), ".".join(places))
    kind, context = problem["type"], problem.get("ctx", {})
    if places[-1:] == ["cadence"] and kind == "enum":
        return InvalidRequest(message=f"{_RHYTHMS} It has to be one of {context['expected']}.")
    if kind == "value_error":
        return InvalidRequest(message=str(problem["msg"]).removeprefix("Value error, "))
    if not field:
        return InvalidRequest(message="Send one JSON object as the body of the request.")
    reasons = {
        "missing": f"The {field} is missing. Give it and try again.",
        "extra_forbidden": f"The field {field} is not known here. Leave it out.",
        "string_type": f"The {field} has to be text.",
        "greater_than_equal": f"The {field} has to be at least {context.get('ge')}.",
        "less_than_equal": f"The {field} may be at most {context.get('le')}.",
        "float_type": f"The {field} has to be a number.",
        "finite_number": f"The {field} has to be a number.",
        "int_type": f"The {field} has to be a whole number.",
        "int_parsing": f"The {field} has to be a whole number.",
        "too_long": f"The {field} has too many values. Give at most {context.get('max_length')}.",
        "bool_type": f"The {field} has to be true or false.",
        "bool_parsing": f"The {field} has to be true or false.",
        "string_too_short": f"The {field} is empty. Fill it in.",
        "string_too_long": f"The {field} is too long. Shorten it to "
        f"{context.get('max_length')} characters.",
        "string_pattern_mismatch": f"The {field} is not in the expected form. Check it.",
        "enum": f"The {field} has to be one of {context.get('expected')}.",
    }
    return InvalidRequest(message=reasons.get(kind, f"The {field} is not valid. Check it."))
