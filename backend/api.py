"""The OpenAPI document and the input validation, made from the same declarations."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, Request
from pydantic import ValidationError
from spectree import Response, SecurityScheme, SpecTree
from spectree.config import ModeEnum
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.flask_plugin import FlaskPlugin

from backend.outputs import ErrorAnswer
from backend.schemas import Schemas
from callsheet.errors import InvalidRequest
from callsheet.flows.outside import API
from callsheet.wrong_input import sentence

View = TypeVar("View", bound=Callable[..., Any])

PREFIX = API
PUBLIC: dict[str, list[str]] = {}
IDENTITY: dict[str, list[str]] = {"google_identity": []}


def _refuse(
    _request: object, _answer: object, error: Exception | None, _view: object, _adapter: object
) -> None:
    # Raised, not answered, so that it goes through the one table of errors like everything else.
    if isinstance(error, ValidationError):
        raise sentence(error) from None


class _Strict(FlaskPlugin):
    """As SpecTree's own, which takes whatever it cannot read for an empty object."""

    def request_validation(self, request: Any, query: Any, json: Any, *others: Any) -> None:
        """Validate the input. Raises InvalidRequest for a body that is no JSON object."""
        if json is not None and request.method != "GET" and request.get_data():
            _require_object(request)
        # SpecTree ships this method without types.
        super().request_validation(request, query, json, *others)  # type: ignore[no-untyped-call]


def _require_object(request: Request) -> None:
    try:
        body = request.get_json()  # 415 for another type, 400 for what is no JSON
    except RecursionError:
        raise InvalidRequest(message="The request is nested too deeply. Send less.") from None
    if not isinstance(body, dict):
        raise InvalidRequest(message="Send one JSON object as the body of the request.")


def _bearer(name: str, description: str) -> SecurityScheme:
    data = SecuritySchemeData(type=SecureType.HTTP, scheme="bearer", description=description)
    return SecurityScheme(name=name, data=data)


api = SpecTree(
    backend=_Strict,
    model_adapter=cast(Any, Schemas()),  # SpecTree's types of its own adapter do not fit
    before=_refuse,
    validation_error_status=400,
    validation_error_model=ErrorAnswer,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    mode=ModeEnum.strict,
    path="api/v1/openapi.json",  # where SpecTree looks for no routes; we serve it ourselves
    title="Callsheet",
    version="1",
    description="Brings Aircall data into Google Sheets. Every error answer has the same shape: "
    "a stable code, a sentence to show, and what helps (fix_by_user, retry_later, report_bug).",
    security={"session": []},
    security_schemes=[
        _bearer("session", "The session that POST /sessions answered."),
        _bearer("flow_key", "The key of the flow in the address, from PUT /flows/{flow_id}/key."),
        _bearer("google_identity", "An identity token of Google, for the add-on's client id."),
    ],
    page_templates={},
)
"""Validates input against the declarations; `api.spec` is the document."""


def answers(*codes: int, **models: Any) -> Response:
    """Return what an endpoint answers: `HTTP_2xx=Model`, and the codes of its errors.

    Every endpoint may also answer 500 and 503.
    """
    return Response(**models, **{f"HTTP_{code}": ErrorAnswer for code in (*codes, 500, 503)})


def streams(**about: Any) -> Callable[[View], View]:
    """Document a route as `api.validate` does; its answer is a stream.

    SpecTree's own wrapper would read the stream to its end before the first byte leaves.
    """

    def decorate(view: View) -> View:
        @wraps(api.validate(**about)(view))  # SpecTree finds what it documents through this
        def unread(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        return cast(View, unread)

    return decorate


document = Blueprint("document", __name__)


@document.get(f"{PREFIX}/openapi.json")
def openapi() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return _spec()


def check_document(app: Flask) -> None:
    """Make the document now, so that no request has to wait for it or sees half of it."""
    with app.app_context():
        _spec()


def _spec() -> dict[str, Any]:
    spec: dict[str, Any] = api.spec
    return spec
