"""What every route needs: the site, the company asking, and the API's ways of answering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask import Response, current_app, g, request

from sandbox.aircall.access import Company
from sandbox.aircall.pages import ListStyle, PageRequest, envelope, read_request
from sandbox.aircall.records import API, Record, compact
from sandbox.aircall.site import Site
from sandbox.aircall.world import World

EXTENSION = "aircall-stand-in"


def site() -> Site:
    """Return the site this app serves."""
    return cast(Site, current_app.extensions[EXTENSION])


def company() -> Company:
    """Return the company whose key was used."""
    return cast(Company, g.company)


def world() -> World:
    """Return the world of the company whose key was used."""
    return company().world


def answer(body: bytes | str, status: int = 200, *, charset: bool = False) -> Response:
    """Return JSON text as a response; the contacts program alone names its charset."""
    kind = "application/json; charset=utf-8" if charset else "application/json"
    return Response(body, status=status, headers={"Content-Type": kind})


def single(key: str, record: Record, status: int = 200) -> Response:
    """Return one document under its key."""
    return answer(f'{{"{key}":{compact(record)}}}', status, charset=key == "contact")


def message(status: int, text: str) -> Response:
    """Return the gateway's way of refusing: one key."""
    return answer(compact({"message": text}), status)


def refused(status: int, error: str, troubleshoot: str) -> Response:
    """Return the application's way of refusing."""
    return answer(compact({"error": error, "troubleshoot": troubleshoot}), status)


def unknown_id(kind: str, record_id: object) -> Response:
    """Return the 404 of an id that does not exist."""
    return refused(404, "Not Found", f"No {kind} found with id {record_id}")


def bad_request(troubleshoot: str) -> Response:
    """Return the 400 of an input that cannot be used."""
    return refused(400, "Bad Request", troubleshoot)


def asked_for(style: ListStyle) -> PageRequest:
    """Return the page the present request asks for."""
    args: Mapping[str, str] = request.args
    return read_request(args, style)


def listing(style: ListStyle, asked: PageRequest, total: int, items: list[str]) -> Response:
    """Return one page of a list."""
    base = request.host_url.rstrip("/") if site().switches.own_links else API
    return answer(envelope(style, asked, total, items, base), charset=style.meta_first)


def list_records(style: ListStyle, asked: PageRequest, records: list[Record]) -> Response:
    """Return one page of documents that are already filtered and in ascending order."""
    ordered = records[::-1] if asked.descending else records
    items = [compact(record) for record in ordered[asked.start : asked.stop]]
    return listing(style, asked, len(records), items)


def body_of_request() -> Record:
    """Return the JSON object sent along, empty if there is none."""
    sent = request.get_json(silent=True)
    return sent if isinstance(sent, dict) else {}
