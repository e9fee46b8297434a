"""Connections: checked, sealed, rotated, removed; the token never comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from backend.app import create_app
from callsheet.store import keys

pytestmark = pytest.mark.integration

GOOD = {"api_id": "good-id", "api_token": "good-token-1234567890"}


def test_a_good_key_connects(editor: Any, services: Any) -> None:
    sidebar = editor()

    made = sidebar("POST", "/connections", GOOD)

    assert made.status_code == 201
    assert made.json["company_name"] == "Acme"
    assert made.json["api_id"] == "good-id"
    assert sidebar("GET", "/overview").json["connection"] == made.json
    saved = services.connections.get("sheet-1", made.json["id"])
    assert services.connections.key_of(saved).api_token == GOOD["api_token"]
    assert saved.account.startswith("company:")


def test_a_token_is_in_no_answer_and_sealed_in_redis(editor: Any, services: Any) -> None:
    sidebar = editor()

    answers = [
        sidebar("POST", "/connections", GOOD),
        sidebar("GET", "/overview"),
        sidebar("POST", "/connections", {**GOOD, "api_id": "x" * 300}),
        sidebar("POST", "/connections", {**GOOD, "extra": 1}),
        sidebar("POST", "/connections", {"api_id": "good-id", "api_token": "wrong-token-value"}),
    ]

    text = b"".join(answer.data for answer in answers)
    assert GOOD["api_token"].encode() not in text
    assert b"wrong-token-value" not in text
    stored = b"".join(
        services.redis.get(key)
        for key in services.redis.keys("*")
        if services.redis.type(key) == b"string"
    )
    assert GOOD["api_token"].encode() not in stored


def test_each_check_of_a_key_counts_on_the_budget_of_its_company(
    editor: Any, services: Any
) -> None:
    sidebar = editor()

    for _ in range(3):
        assert sidebar("POST", "/connections", GOOD).status_code in (200, 201)

    (account,) = {one.account for one in services.connections.of_spreadsheet("sheet-1")}
    assert services.redis.zcard(keys.request_budget(account)) == 3


def test_a_wrong_key_is_refused_and_nothing_is_kept(editor: Any) -> None:
    sidebar = editor()

    refused = sidebar("POST", "/connections", {"api_id": "a", "api_token": "b"})

    assert refused.status_code == 422
    assert refused.json["error"]["code"] == "credentials_rejected"
    assert sidebar("GET", "/overview").json["connection"] is None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "Enter both the API ID and the API token"),
        ({"api_id": "a"}, "Enter both the API ID and the API token"),
        ({"api_id": "  ", "api_token": "t"}, "The API ID is empty."),
        ({"api_id": "a", "api_token": "  "}, "The API token is empty."),
        ({"api_id": "a:b", "api_token": "t"}, "The API ID is not in the form"),
        ({"api_id": "a", "api_token": "tök\u0000en"}, "The API token is not in the form"),
        ({"api_id": 7, "api_token": "t"}, "The API ID has to be text."),
        ([1], "Send one JSON object"),
        ({"api_id": "a", "api_token": "t", "use_server_key": True}, "but not both"),
        ({"use_server_key": True}, "no Aircall key of its own"),
    ],
)
def test_bad_input_is_said_in_one_sentence(editor: Any, body: Any, sentence: str) -> None:
    refused = editor()("POST", "/connections", body)

    assert refused.status_code == 400
    assert sentence in refused.json["error"]["message"]


def test_the_servers_own_key_connects_without_being_shown(
    settings: Any, make_services: Any, editor: Any
) -> None:
    own = settings.model_copy(
        update={
            "aircall_api_id": "demo-key-id",
            "aircall_api_token": SecretStr("server-token-0987654321"),
        }
    )
    sidebar = editor()
    sidebar.app = create_app(own, make_services(own))

    overview = sidebar("GET", "/overview")
    made = sidebar("POST", "/connections", {"use_server_key": True})

    assert overview.json["server_key"] == {"api_id": "demo-key-id"}
    assert made.status_code == 201
    assert made.json["api_id"] == "demo-key-id"
    assert b"server-token-0987654321" not in overview.data + made.data


def test_a_key_is_rotated_and_flows_stay(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()
    connection = sidebar("GET", "/overview").json["connection"]["id"]

    rotated = sidebar(
        "PUT", f"/connections/{connection}", {"api_id": "new", "api_token": "second-token"}
    )

    assert rotated.status_code == 200
    assert rotated.json["id"] == connection
    overview = sidebar("GET", "/overview").json
    assert overview["connection"]["api_id"] == "new"
    assert [flow["id"] for flow in overview["flows"]] == [flow_id]
    saved = services.connections.get("sheet-1", connection)
    assert services.connections.key_of(saved).api_token == "second-token"


def test_a_key_of_another_company_does_not_mix_in(importer: Any) -> None:
    sidebar, _, _ = importer()
    connection = sidebar("GET", "/overview").json["connection"]["id"]
    other = {"api_id": "other", "api_token": "other-token"}

    for refused in (
        sidebar("PUT", f"/connections/{connection}", other),
        sidebar("POST", "/connections", other),
    ):
        assert refused.status_code == 400
        assert "belongs to Umbrella" in refused.json["error"]["message"]


def test_disconnecting_pauses_flows_and_connecting_again_wakes_them(
    importer: Any, services: Any
) -> None:
    sidebar, flow_id, _ = importer()
    connection = sidebar("GET", "/overview").json["connection"]["id"]

    assert sidebar("DELETE", f"/connections/{connection}").status_code == 204

    overview = sidebar("GET", "/overview").json
    assert overview["connection"] is None
    assert "disconnected" in overview["flows"][0]["paused_because"]
    assert overview["flows"][0]["next_run_at"] is None
    assert sidebar("POST", f"/flows/{flow_id}/runs").status_code == 404
    assert not services.redis.keys("*connection:*:token")

    sidebar("POST", "/connections", GOOD)

    flow = sidebar("GET", "/overview").json["flows"][0]
    assert flow["id"] == flow_id
    assert flow["paused_because"] is None
    assert flow["next_run_at"] is not None
    assert sidebar("POST", f"/flows/{flow_id}/runs").status_code == 202


def test_a_run_that_ends_after_disconnecting_leaves_no_flow_asleep(
    importer: Any, services: Any
) -> None:
    """The worker clears the reason of the pause, but sets no next time."""
    sidebar, flow_id, _ = importer()
    connection = sidebar("GET", "/overview").json["connection"]["id"]
    sidebar("DELETE", f"/connections/{connection}")
    services.flows.change("sheet-1", flow_id, lambda flow: replace(flow, paused_because=None))

    sidebar("POST", "/connections", GOOD)

    assert services.flows.get("sheet-1", flow_id).next_run_at is not None


def test_the_share_of_the_request_limit_is_set_and_kept(importer: Any, services: Any) -> None:
    sidebar, _, _ = importer()
    connection = sidebar("GET", "/overview").json["connection"]
    assert (connection["requests_per_minute"], connection["spare_share"]) == (None, 0.0)
    path = f"/connections/{connection['id']}"

    raised = sidebar("PATCH", path, {"requests_per_minute": 120, "spare_share": 0.25})
    sidebar("PUT", path, {"api_id": "new", "api_token": "second-token"})

    assert raised.status_code == 200
    saved = services.connections.get("sheet-1", connection["id"])
    assert (saved.requests_per_minute, saved.spare_share, saved.api_id) == (120, 0.25, "new")
    assert services.connections.key_of(saved).api_token == "second-token"
    assert sidebar("PATCH", path, {"requests_per_minute": None}).json["spare_share"] == 0.25
    assert sidebar("GET", "/overview").json["connection"]["requests_per_minute"] is None


def test_an_estimate_counts_with_the_connections_share(
    importer: Any, services: Any, source: Any
) -> None:
    sidebar, _, _ = importer()
    since = services.clock.now().date().isoformat()
    connection = sidebar("GET", "/overview").json["connection"]["id"]
    source.total = 12_000
    minutes = []

    for change in ({}, {"requests_per_minute": 120}, {"spare_share": 0.5}):
        sidebar("PATCH", f"/connections/{connection}", change)
        answer = sidebar("POST", "/estimates", {"entity": "calls", "since": since})
        minutes.append(answer.json["minutes"])

    assert minutes[0] == minutes[2]
    assert minutes[1] < minutes[0] / 1.9


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"requests_per_minute": 121}, "The number of requests a minute may be at most 120."),
        ({"requests_per_minute": 0}, "The number of requests a minute has to be at least 1."),
        ({"requests_per_minute": "many"}, "has to be a whole number"),
        ({"requests_per_minute": True}, "has to be a whole number"),
        ({"spare_share": 0.91}, "share left to other integrations may be at most 0.9."),
        ({"spare_share": -0.1}, "share left to other integrations has to be at least 0"),
        ({"spare_share": "half"}, "share left to other integrations has to be a number."),
        ({"account": "company:x"}, "The field account is not known here."),
    ],
)
def test_a_share_that_makes_no_sense_is_refused(
    importer: Any, services: Any, body: Any, sentence: str
) -> None:
    sidebar, _, _ = importer()
    connection = sidebar("GET", "/overview").json["connection"]["id"]

    refused = sidebar("PATCH", f"/connections/{connection}", body)

    assert refused.status_code == 400
    assert sentence in refused.json["error"]["message"]
    saved = services.connections.get("sheet-1", connection)
    assert (saved.requests_per_minute, saved.spare_share) == (None, 0.0)


def test_a_connection_keeps_its_service_account_as_long_as_that_has_a_key(
    importer: Any, services: Any, account: Any
) -> None:
    sidebar, _, _ = importer()
    first, second = account.email, "second@project.iam.gserviceaccount.com"
    connection = sidebar("GET", "/overview").json["connection"]["id"]
    assert services.connections.get("sheet-1", connection).service_account == first

    # The pool grows, and new spreadsheets get the new account.
    account.email, account.others = second, {first}
    assert sidebar("GET", "/overview").json["service_account_email"] == first
    assert sidebar("POST", "/edit-proofs").json["service_account_email"] == first
    sidebar("PUT", f"/connections/{connection}", {"api_id": "new", "api_token": "second-token"})
    assert services.connections.get("sheet-1", connection).service_account == first

    # The first one's key is taken away: the person is led to the other one.
    account.others = set()
    assert sidebar("GET", "/overview").json["service_account_email"] == second
    sidebar("PUT", f"/connections/{connection}", {"api_id": "new", "api_token": "second-token"})
    assert services.connections.get("sheet-1", connection).service_account == second


def test_another_spreadsheet_finds_nothing_by_id(importer: Any, editor: Any) -> None:
    sidebar, flow_id, run_id = importer()
    connection = sidebar("GET", "/overview").json["connection"]["id"]
    thief = editor(body={"spreadsheet_id": "sheet-2"})

    answers = [
        thief("PUT", f"/connections/{connection}", GOOD),
        thief("PATCH", f"/connections/{connection}", {"spare_share": 0.5}),
        thief("DELETE", f"/connections/{connection}"),
        thief("PATCH", f"/flows/{flow_id}", {"schedule": {"cadence": "off"}}),
        thief("DELETE", f"/flows/{flow_id}"),
        thief("POST", f"/flows/{flow_id}/runs"),
        thief("GET", f"/runs/{run_id}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert thief("GET", "/overview").json["flows"] == []
    assert len(sidebar("GET", "/overview").json["flows"]) == 1
