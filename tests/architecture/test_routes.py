"""Every route is closed unless named, and stands in a valid OpenAPI document."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from openapi_spec_validator import validate

from backend import auth, errors
from backend.app import create_app
from backend.services import Services
from callsheet import errors as ours
from callsheet.settings import Settings

_NO_DOCUMENT = {"metrics.show", "static", "sidebar.page", "document.openapi"}
_NO_SESSION = {
    "health.healthz",
    "health.readyz",
    "metrics.show",
    "document.openapi",
    "sidebar.page",
    "static",
    "sessions.create",
}


def _no_session(_text: str) -> Any:
    raise ours.NotSignedIn("none")


@pytest.fixture(scope="module")
def app() -> Flask:
    services = SimpleNamespace(sessions=SimpleNamespace(read=_no_session))
    return create_app(Settings(_env_file=None), cast(Services, services))


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    answer: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").json
    return answer


def _routes(app: Flask) -> list[tuple[str, str, str]]:
    return [
        (rule.endpoint, method, str(rule).replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_the_list_of_open_routes_is_the_one_we_mean() -> None:
    assert auth.OPEN == _NO_SESSION
    assert {"edit_proofs.create", "edit_proofs.verify", "overview.show"} == auth.WITHOUT_PROOF
    assert {"flows.refresh"} == auth.WITH_FLOW_KEY
    assert {"events.hear"} == auth.WITH_EVENT_KEY


def test_every_other_route_asks_for_a_session(app: Flask) -> None:
    closed = [route for route in _routes(app) if route[0] not in _NO_SESSION | auth.WITH_EVENT_KEY]

    assert len(closed) >= 10
    for endpoint, method, path in closed:
        address = path.replace("{", "").replace("}", "")
        tokens = ["forged"] if endpoint in auth.WITH_FLOW_KEY else ["forged", "csk_forged"]
        for headers in ({}, *({"Authorization": f"Bearer {token}"} for token in tokens)):
            answer = app.test_client().open(address, method=method, json={}, headers=headers)
            assert answer.status_code == 401, (method, path)


def test_every_route_is_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    documented = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }

    assert documented == {
        (method, path) for endpoint, method, path in _routes(app) if endpoint not in _NO_DOCUMENT
    }


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)


def test_the_document_says_how_to_sign_in(document: dict[str, Any]) -> None:
    paths = document["paths"]

    assert document["security"] == [{"session": []}]
    assert paths["/api/v1/sessions"]["post"]["security"] == [{"google_identity": []}]
    assert paths["/healthz"]["get"]["security"] == []
    assert "security" not in paths["/api/v1/overview"]["get"]


def test_the_document_describes_inputs_and_errors(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/v1/flows"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]

    assert "since" in document["components"]["schemas"][body.rsplit("/", 1)[1]]["properties"]
    for status in ("400", "401", "403", "404", "500", "503"):
        schema = operation["responses"][status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}


def test_no_answer_has_a_field_for_a_token(document: dict[str, Any]) -> None:
    holders = {
        name
        for name, schema in document["components"]["schemas"].items()
        if "api_token" in schema.get("properties", {})
    }

    assert holders == {"KeyBody"}


def test_secrets_of_our_own_making_are_answered_once_where_they_are_made(
    document: dict[str, Any],
) -> None:
    holders = {
        name
        for name, schema in document["components"]["schemas"].items()
        if "secret" in schema.get("properties", {})
    }
    uses = {
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if any(made in str(operation) for made in ("NewWebhook", "FlowKeyOut", "EventAddressOut"))
    }

    assert holders == {"NewWebhookOut"}
    assert uses == {
        ("put", "/api/v1/flows/{flow_id}/event-address"),
        ("put", "/api/v1/flows/{flow_id}/key"),
        ("put", "/api/v1/flows/{flow_id}/webhook"),
    }


def test_the_document_says_which_operation_takes_a_flow_key(document: dict[str, Any]) -> None:
    takers = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if {"flow_key": []} in operation.get("security", [])
    }

    assert takers == {"/api/v1/flows/{flow_id}/runs"}


def test_every_error_has_a_status_of_its_own_kind() -> None:
    def all_of(cls: type[ours.CallsheetError]) -> list[type[ours.CallsheetError]]:
        return [cls, *(found for sub in cls.__subclasses__() for found in all_of(sub))]

    statuses = {cls: errors.status_of(cls()) for cls in all_of(ours.CallsheetError)}

    assert statuses[ours.InvalidRequest] == 400
    assert [cls for cls, status in statuses.items() if status == 401] == [ours.NotSignedIn]
    for cls, status in statuses.items():
        if cls.recovery is ours.Recovery.RETRY_LATER:
            assert status == (429 if cls is ours.TooManyRequests else 503), cls
