"""The Aircall stand-in's door: keys, refusals, the request limit, paging manners."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.aircall.clock import WorldClock
from sandbox.aircall.server import AircallStandIn

NOW = 1_795_000_000
LISTS = (
    "/v1/calls",
    "/v1/calls/search",
    "/v1/contacts",
    "/v1/contacts/search",
    "/v1/numbers",
    "/v1/tags",
    "/v1/teams",
    "/v2/users",
    "/v1/users/availabilities",
    "/v1/webhooks",
)


@pytest.fixture
def stand_in() -> AircallStandIn:
    clock = WorldClock()
    clock.freeze(NOW)
    return AircallStandIn(calls=300, days=10, clock=clock, rate_limit=None)


def get(stand_in: AircallStandIn, path: str, key: tuple[str, str] | None = None) -> Any:
    return stand_in.app.test_client().get(path, auth=key or (stand_in.api_id, stand_in.api_token))


def admin(stand_in: AircallStandIn, method: str, path: str, **sent: Any) -> Any:
    answered = stand_in.app.test_client().open(f"/_admin{path}", method=method, json=sent)
    assert answered.status_code < 300, answered.get_data(as_text=True)
    return answered.get_json()


def test_duty_1_no_authorization_is_401(stand_in: AircallStandIn) -> None:
    answered = stand_in.app.test_client().get("/v1/calls")

    assert (answered.status_code, answered.data) == (401, b'{"message":"Unauthorized"}')


@pytest.mark.parametrize(
    "header",
    [
        "Basic " + base64.b64encode(b"demo-api-id:wrong").decode(),
        "Basic " + base64.b64encode(b"nobody:demo-api-token").decode(),
        "Basic %%%",
        "Basic",
        "Bearer demo-api-token",
    ],
)
def test_duty_1_a_wrong_key_is_403(stand_in: AircallStandIn, header: str) -> None:
    client = stand_in.app.test_client()
    # Refused before the wall is looked at.
    answered = client.get("/v1/calls?page=999", headers={"Authorization": header})

    assert (answered.status_code, answered.data) == (403, b'{"message":"Forbidden"}')


@pytest.mark.parametrize("path", ["/v1/nothing", "/v3/users", "/v1/messages", "/v1/companies"])
def test_duty_1_and_22_an_unknown_path_is_404(stand_in: AircallStandIn, path: str) -> None:
    answered = get(stand_in, path)

    assert (answered.status_code, answered.data) == (404, b'{"message":"Not Found"}')


@pytest.mark.parametrize(
    "path", ["/v1/calls/1", "/v1/contacts/1", "/v1/numbers/1", "/v1/tags/1", "/v1/teams/1"]
)
def test_duty_2_an_unknown_id_is_404_with_two_keys(stand_in: AircallStandIn, path: str) -> None:
    answered = get(stand_in, path)

    assert answered.status_code == 404
    assert list(answered.get_json()) == ["error", "troubleshoot"]


def test_duty_3_ping_and_company(stand_in: AircallStandIn) -> None:
    assert get(stand_in, "/v1/ping").data == b'{"ping":"pong"}'
    company = get(stand_in, "/v1/company").get_json()["company"]
    assert list(company) == ["name", "users_count", "numbers_count"]


@pytest.mark.parametrize("path", LISTS)
def test_duty_4_ordinary_answers_carry_no_rate_headers(stand_in: AircallStandIn, path: str) -> None:
    for page in (1, 201):
        answered = get(stand_in, f"{path}?per_page=50&page={page}")
        assert not [name for name in answered.headers if name[0].startswith("X-AircallApi")]


@pytest.mark.parametrize("path", LISTS)
def test_duty_5_page_sizes(stand_in: AircallStandIn, path: str) -> None:
    default = 50 if path == "/v1/contacts" else 20

    sizes = [
        get(stand_in, f"{path}?{query}").get_json()["meta"]["per_page"]
        for query in ("", "per_page=50", "per_page=51", "per_page=1000", "per_page=1", "per_page=x")
    ]

    assert sizes == [default, 50, 50, 50, 1, default]


@pytest.mark.parametrize("path", LISTS)
def test_duty_6_the_wall_stands_on_every_list(stand_in: AircallStandIn, path: str) -> None:
    assert get(stand_in, f"{path}?page=200&per_page=50").status_code == 200
    assert get(stand_in, f"{path}?page=10000&per_page=1").status_code == 200
    answered = get(stand_in, f"{path}?page=201&per_page=99")
    assert answered.status_code == 400
    assert list(answered.get_json()) == [
        "error",
        "data",
        "message",
        "errors",
        "troubleshoot",
        "success",
    ]


@pytest.mark.parametrize("path", LISTS)
def test_duty_8_meta_has_six_keys_but_on_webhooks(stand_in: AircallStandIn, path: str) -> None:
    body = get(stand_in, f"{path}?per_page=2").get_json()

    keys = ["count", "total", "current_page", "per_page"]
    if path != "/v1/webhooks":
        keys += ["next_page_link", "previous_page_link"]
    assert list(body["meta"]) == keys
    meta_first = "contacts" in path or "webhooks" in path
    assert list(body).index("meta") == (0 if meta_first else 1)


def test_duty_9_contacts_write_their_links_in_another_order(stand_in: AircallStandIn) -> None:
    link = get(stand_in, "/v1/contacts?per_page=2").get_json()["meta"]["next_page_link"]
    tags = get(stand_in, "/v1/tags?per_page=2&page=2").get_json()["meta"]["next_page_link"]

    base = "https://api.aircall.io/v1"
    assert link == f"{base}/contacts?order=asc&order_by=created_at&per_page=2&page=2"
    assert tags == f"{base}/tags?order=asc&page=3&per_page=2"


def test_duty_9_links_lead_to_the_stand_in_by_a_switch(stand_in: AircallStandIn) -> None:
    admin(stand_in, "PUT", "/switches", own_links=True)

    link = get(stand_in, "/v1/tags?per_page=2").get_json()["meta"]["next_page_link"]
    assert link.startswith("http://localhost/v1/tags?")


def test_duty_29_one_counter_for_all_keys_of_a_company(stand_in: AircallStandIn) -> None:
    admin(stand_in, "PUT", "/limits", per_minute=4)
    second = admin(stand_in, "POST", "/keys", api_id="b", api_token="c")
    other = admin(stand_in, "POST", "/keys", company="Copperfield")
    keys = [None, (second["api_id"], second["api_token"])]

    statuses = [get(stand_in, "/v1/ping", keys[n % 2]).status_code for n in range(6)]

    assert statuses == [200, 200, 200, 200, 429, 429]
    assert get(stand_in, "/v1/ping", (other["api_id"], other["api_token"])).status_code == 200
    stand_in.world.clock.advance(60)
    assert get(stand_in, "/v1/ping").status_code == 200


def test_duty_29_default_is_120_a_minute() -> None:
    assert AircallStandIn(calls=0).site.home.limiter.settings.per_minute == 120


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ({}, {"X-AircallApi-Reset": str(NOW + 61)}),
        ({"reset_unit": "milliseconds"}, {"X-AircallApi-Reset": str((NOW + 60) * 1000 + 1)}),
        ({"send_retry_after": True}, {"Retry-After": "61"}),
        ({"send_headers": False}, {"X-AircallApi-Limit": None, "Retry-After": None}),
    ],
    ids=["seconds", "milliseconds", "retry-after", "silent"],
)
def test_duty_29_how_a_429_looks(
    stand_in: AircallStandIn, switch: dict[str, Any], expected: dict[str, str | None]
) -> None:
    admin(stand_in, "PUT", "/limits", per_minute=1, **switch)
    get(stand_in, "/v1/ping")
    answered = get(stand_in, "/v1/ping")

    assert answered.status_code == 429
    assert answered.get_json(silent=True) is None
    assert {name: answered.headers.get(name) for name in expected} == expected


def test_a_revoked_key_is_refused(stand_in: AircallStandIn) -> None:
    assert get(stand_in, "/v1/ping").status_code == 200
    admin(stand_in, "DELETE", f"/keys/{stand_in.api_id}")
    assert get(stand_in, "/v1/ping").status_code == 403


def test_another_company_has_its_own_data(stand_in: AircallStandIn) -> None:
    key = admin(stand_in, "POST", "/keys", company="Copperfield & Wren")
    pair = (key["api_id"], key["api_token"])

    assert get(stand_in, "/v1/company", pair).get_json()["company"]["name"] == "Copperfield & Wren"
    mine = get(stand_in, "/v1/calls").get_json()["meta"]["total"]
    assert get(stand_in, "/v1/calls", pair).get_json()["meta"]["total"] != mine


def test_the_request_log_counts_and_can_be_emptied(stand_in: AircallStandIn) -> None:
    for path in ("/v1/ping", "/v1/ping", "/v1/nothing"):
        get(stand_in, path)

    summary = admin(stand_in, "GET", "/requests/summary")
    assert summary["by_path"] == {"/v1/ping": 2, "/v1/nothing": 1}
    assert summary["by_status"] == {"200": 2, "404": 1}
    assert summary["fullest_minute"] == 3
    listed = admin(stand_in, "GET", "/requests?path=ping")["requests"]
    assert [entry["world_at"] for entry in listed] == [NOW, NOW]
    assert admin(stand_in, "DELETE", "/requests")["total"] == 0
