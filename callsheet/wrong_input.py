"""One plain sentence about what is wrong in an input, without repeating it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from callsheet.errors import InvalidRequest

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
"""How fields are called in a sentence; others by their own name."""

_RHYTHMS = "This refresh rhythm is not known here: the shortest is every 15 minutes."


def sentence(error: ValidationError) -> InvalidRequest:
    """Return what is wrong first, as the refusal of a request."""
    problem = error.errors(include_url=False, include_input=False)[0]
    return InvalidRequest(message=problem_in_words(problem))


def problem_in_words(problem: Mapping[str, Any]) -> str:
    """Return one problem of a ValidationError as a sentence, without the value that was given."""
    places = [str(part) for part in problem["loc"]]
    field = next((_LABELS[one] for one in places if one in _LABELS), ".".join(places))
    kind, context = problem["type"], problem.get("ctx", {})
    if places[-1:] == ["cadence"] and kind == "enum":
        return f"{_RHYTHMS} It has to be one of {context['expected']}."
    if kind == "value_error":
        return str(problem["msg"]).removeprefix("Value error, ")
    if not field:
        return "Send one JSON object as the body of the request."
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
    return reasons.get(kind, f"The {field} is not valid. Check it.")
