"""Spoil an answer: refusals of the edge, broken wires, and bodies with something odd inside."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

from flask import Response, request

from sandbox.aircall.context import company, world
from sandbox.aircall.faults import FaultRule
from sandbox.aircall.limits import Refusal
from sandbox.aircall.records import Record, compact
from sandbox.http_server import SOCKET

_PIECES = 20
_ENUMS = (
    "status", "availability", "availability_status", "substatus", "missed_call_reason", "direction",
)  # fmt: skip
_OPTIONAL = (
    "pricing_type", "country_code_a2", "company_name", "description", "substatus", "priority",
    "users", "token",
)  # fmt: skip


def too_many(refusal: Refusal) -> Response:
    """Return a 429 whose body a client that parses it will trip over."""
    told = "Too many requests <br/>{not json"
    headers = {"Content-Type": "application/json", **refusal.headers}
    return Response(told, 429, headers=headers)


def instead_of_answer(rule: FaultRule) -> Response | None:
    """Return what is sent without looking at the request, None if the rule works otherwise."""
    kind = rule.kind
    if kind == "rate_limited":
        limiter = company().limiter
        return too_many(limiter.refusal(world().clock.now()))
    if kind == "error":
        told = {"error": "Internal Server Error", "troubleshoot": "Please contact support"}
        return Response(compact(told), 500, mimetype="application/json")
    if kind in ("json_502", "json_503"):
        told = {"message": "Service Unavailable" if kind == "json_503" else "Bad Gateway"}
        return Response(compact(told), int(kind[-3:]), mimetype="application/json")
    if kind in ("html_502", "html_503"):
        status = int(kind[-3:])
        page = f"<html><head><title>{status}</title></head><body>CloudFront</body></html>"
        return Response(page, status, mimetype="text/html")
    if kind == "timeout_504":
        return Response(compact({"message": "Endpoint request timed out"}), 504)
    if kind == "drop":
        return dropped()
    return None


def spoiled(rule: FaultRule, response: Response) -> Response:
    """Return the answer with the rule's fault worked into it."""
    kind = rule.kind
    if kind == "truncate":
        return truncated(response)
    if kind == "undecodable":
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(b"\x00\xff this is not gzip")
    elif kind == "not_json":
        return Response("<!doctype html><title>Aircall</title>", 200, mimetype="text/html")
    elif kind == "slow":
        time.sleep(rule.seconds)
    elif kind == "drip":
        return dripping(response, rule.seconds)
    elif response.status_code == 200:
        changed = _changed(rule, response)
        response.set_data(changed)
    return response


def dropped() -> Response:
    """Close the connection without a word."""
    _hang_up()
    return Response(status=502)


def truncated(response: Response) -> Response:
    """Send a head that promises the whole body, half of the body, and hang up."""
    body = response.get_data()
    head = (
        f"HTTP/1.1 {response.status}\r\nContent-Type: {response.content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    wire = request.environ.get(SOCKET)
    if wire is not None:
        wire.sendall(head.encode() + body[: len(body) // 2])
    _hang_up()
    return Response(status=502)


def dripping(response: Response, seconds: float) -> Response:
    """Send the body in small pieces over some seconds."""
    body = response.get_data()
    step = max(1, len(body) // _PIECES)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), step):
            time.sleep(seconds / _PIECES)
            yield body[start : start + step]

    headers = {"Content-Type": str(response.content_type), "Content-Length": str(len(body))}
    return Response(pieces(), response.status_code, headers=headers)


def _hang_up() -> None:
    wire = request.environ.get(SOCKET)
    if wire is not None:
        wire.shutdown(socket.SHUT_RDWR)


def _changed(rule: FaultRule, response: Response) -> str:
    """Return the body with one odd thing in one record or in all of them."""
    body = json.loads(response.get_data())
    key, records = _records_of(body)
    if rule.kind == "delete_mid_walk":
        _delete_first(key, records)
        return compact(body)
    for record in _chosen(records, rule.nth):
        _twist(rule, record)
    return compact(body)


def _records_of(body: Record) -> tuple[str, list[Record]]:
    for key, value in body.items():
        if isinstance(value, list):
            return key, value
    return next(iter(body.items()), ("", {}))[0], [v for v in body.values() if isinstance(v, dict)]


def _chosen(records: list[Record], nth: int | None) -> list[Record]:
    return records if nth is None else records[nth : nth + 1]


def _twist(rule: FaultRule, record: Record) -> None:
    if rule.kind == "new_field":
        record[rule.field or "x_new_field"] = {"since": 2027} if rule.value is None else rule.value
    elif rule.kind == "missing_id":
        record.pop(rule.field or "id", None)
    elif rule.kind == "missing_optional":
        for key in (rule.field,) if rule.field else _OPTIONAL:
            record.pop(key, None)
    else:
        known = (key for key in _ENUMS if record.get(key) is not None)
        record[rule.field or next(known, "status")] = rule.value or "something_new"


def _delete_first(key: str, records: list[Record]) -> None:
    """Delete the first record of the page just read, so that the pages after it shift."""
    if not records:
        return
    here, first = world(), records[0]["id"]
    if key == "calls":
        ref = here.book.find(first, here.now())
        if ref is not None and ref.added_id is None:
            here.book.overlay.hide(ref.index)
        elif ref is not None:
            here.book.overlay.remove_added(first)
    else:
        getattr(here.directory, key).pop(first, None)
        here.directory.forget_texts()
