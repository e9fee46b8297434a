"""The Aircall stand-in's faults on demand, over a real socket, and webhook deliveries."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from sandbox.aircall.server import AircallStandIn

SAMPLES = Path(__file__).parents[1] / "data" / "aircall"


@pytest.fixture(scope="module")
def running() -> Iterator[AircallStandIn]:
    with AircallStandIn(calls=400, days=10, rate_limit=None, arrivals_per_minute=0) as stand_in:
        yield stand_in


@pytest.fixture
def client(running: AircallStandIn) -> Iterator[httpx.Client]:
    auth = (running.api_id, running.api_token)
    with httpx.Client(base_url=running.url, auth=auth, timeout=5) as client:
        client.delete("/_admin/faults")
        client.delete("/_admin/requests")
        yield client


def order(client: httpx.Client, kind: str, **rule: Any) -> None:
    assert client.post("/_admin/faults", json={"kind": kind, **rule}).status_code == 201


@pytest.mark.parametrize(
    ("kind", "status", "media"),
    [
        ("error", 500, "application/json"),
        ("html_502", 502, "text/html; charset=utf-8"),
        ("html_503", 503, "text/html; charset=utf-8"),
        ("json_502", 502, "application/json"),
        ("json_503", 503, "application/json"),
        ("timeout_504", 504, "text/html; charset=utf-8"),
    ],
)
def test_duty_30_the_edge_refuses_once(
    client: httpx.Client, kind: str, status: int, media: str
) -> None:
    order(client, kind)

    answered = client.get("/v1/ping")
    assert (answered.status_code, answered.headers["content-type"]) == (status, media)
    assert client.get("/v1/ping").status_code == 200


def test_duty_30_a_closed_connection(client: httpx.Client) -> None:
    order(client, "drop")

    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/v1/ping")
    assert client.get("/v1/ping").status_code == 200


def test_duty_30_a_body_cut_short(client: httpx.Client) -> None:
    order(client, "truncate")

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        client.get("/v1/calls?per_page=50")
    assert client.get("/v1/calls?per_page=50").status_code == 200


def test_duty_30_a_body_that_cannot_be_decoded(client: httpx.Client) -> None:
    order(client, "undecodable")

    with pytest.raises(httpx.DecodingError):
        client.get("/v1/calls")


def test_duty_30_a_page_in_place_of_json(client: httpx.Client) -> None:
    order(client, "not_json")

    with pytest.raises(json.JSONDecodeError):
        client.get("/v1/calls").json()


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_duty_30_a_slow_answer(client: httpx.Client, kind: str) -> None:
    order(client, kind, seconds=0.3)

    began = time.monotonic()
    assert len(client.get("/v1/calls?per_page=50").json()["calls"]) == 50
    assert time.monotonic() - began >= 0.29


def test_duty_30_a_burst_of_429(client: httpx.Client) -> None:
    order(client, "rate_limited", times=3)

    assert [client.get("/v1/ping").status_code for _ in range(4)] == [429, 429, 429, 200]


def test_duty_30_a_deletion_in_mid_walk(client: httpx.Client) -> None:
    order(client, "delete_mid_walk", path="/v1/calls.*page=1&")
    first = client.get("/v1/calls?page=1&per_page=5").json()
    second = client.get("/v1/calls?page=2&per_page=5").json()

    assert second["meta"]["total"] == first["meta"]["total"] - 1
    again = client.get("/v1/calls?page=1&per_page=6").json()
    missed = again["calls"][4]["id"]
    assert missed not in [call["id"] for call in first["calls"] + second["calls"]]


@pytest.mark.parametrize(
    ("rule", "check"),
    [
        ({"kind": "unknown_enum"}, lambda c: c[0]["status"] == "something_new"),
        (
            {"kind": "unknown_enum", "field": "direction", "value": "sideways", "nth": 1},
            lambda c: [c[0]["direction"], c[1]["direction"]].count("sideways") == 1,
        ),
        ({"kind": "new_field"}, lambda c: c[0].get("x_new_field") == {"since": 2027}),
        ({"kind": "missing_optional"}, lambda c: "pricing_type" not in c[0]),
        ({"kind": "missing_id", "nth": 3}, lambda c: [n for n in c if "id" not in n] == [c[3]]),
    ],
    ids=["enum", "enum-of-one", "new-field", "missing-optional", "missing-id"],
)
def test_duty_30_bodies_with_something_odd(
    client: httpx.Client, rule: dict[str, Any], check: Any
) -> None:
    order(client, **rule)

    assert check(client.get("/v1/calls").json()["calls"])
    assert not check(client.get("/v1/calls").json()["calls"])


def test_rules_match_paths_skip_requests_and_strike_a_fraction(client: httpx.Client) -> None:
    order(client, "error", path="^/v1/tags$", after=1)
    order(client, "html_503", path="^/v1/teams$", fraction=0.5)

    assert client.get("/v1/ping").status_code == 200
    assert [client.get("/v1/tags").status_code for _ in range(3)] == [200, 500, 200]
    statuses = [client.get("/v1/teams").status_code for _ in range(40)]
    assert 8 < statuses.count(503) < 32
    assert client.post("/_admin/faults", json={"kind": "nonsense"}).status_code == 400


def test_a_connection_lives_on_even_after_a_body_nobody_read(running: AircallStandIn) -> None:
    auth = (running.api_id, running.api_token)
    with httpx.Client(base_url=running.url, auth=auth) as client:
        answers = [
            client.get("/v1/ping"),
            client.get("/_admin/truth/tags"),
            client.post("/v1/ping", json={"never": "read"}),
            client.get("/v1/ping"),
        ]
        wires = {
            answer.extensions["network_stream"].get_extra_info("client_addr") for answer in answers
        }

    assert [answer.status_code for answer in answers] == [200, 200, 404, 200]
    assert len(wires) == 1


def test_an_outage_ends_at_the_same_address() -> None:
    stand_in = AircallStandIn(calls=50, days=5, rate_limit=None)
    auth = (stand_in.api_id, stand_in.api_token)
    with stand_in, httpx.Client(base_url=stand_in.url, auth=auth) as client:
        assert client.get("/v1/ping").status_code == 200
        stand_in.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/v1/ping")
        stand_in.start()
        assert client.get("/v1/ping").status_code == 200


def test_duty_31_deliveries_out_of_order_twice_and_with_a_wrong_token(
    client: httpx.Client,
) -> None:
    call = client.get("/v1/calls?per_page=1").json()["calls"][0]["id"]
    with receiver([200]) as (url, got):
        hook = webhook(client, url)
        events = [{"event": "call.ended", "id": call}, {"event": "call.created", "id": call}]
        client.post(
            f"/_admin/webhooks/{hook}/deliver",
            json={"events": events, "times": 2, "token": "0" * 32},
        )

    assert [body["event"] for body in got] == ["call.ended"] * 2 + ["call.created"] * 2
    assert {body["token"] for body in got} == {"0" * 32}
    like = json.loads((SAMPLES / "webhook_events/call.ended.inbound.json").read_text())
    assert list(got[0]) == list(like)
    assert set(like["data"]) <= set(got[0]["data"])


def test_duty_31_a_failing_receiver_is_retried_and_then_disabled(client: httpx.Client) -> None:
    contact = client.get("/v1/contacts?per_page=1").json()["contacts"][0]["id"]
    with receiver([500, 500, 200]) as (url, got):
        hook = webhook(client, url)
        sending = {
            "events": [{"event": "contact.updated", "id": contact}],
            "attempts": 5,
            "retry_wait": 0,
        }
        told = client.post(f"/_admin/webhooks/{hook}/deliver", json=sending).json()
    assert ([d["status"] for d in told["deliveries"]], told["active"]) == ([500, 500, 200], True)
    assert got[0]["data"]["id"] == contact

    sending["disable_after"] = 3
    gone = client.post(f"/_admin/webhooks/{hook}/deliver", json=sending).json()
    assert gone["active"] is False


def webhook(client: httpx.Client, url: str) -> int:
    client.post("/v1/webhooks", json={"url": url, "events": ["call.ended"]})
    hooks = client.get("/v1/webhooks").json()["webhooks"]
    return int(next(hook["id"] for hook in hooks if hook["url"] == url))


class receiver:
    """A server that notes the bodies posted to it and answers with the given statuses."""

    def __init__(self, statuses: list[int]) -> None:
        self.bodies: list[dict[str, Any]] = []
        bodies, left = self.bodies, list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                bodies.append(json.loads(self.rfile.read(size)))
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Be silent."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> tuple[str, list[dict[str, Any]]]:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}/hook", self.bodies

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
