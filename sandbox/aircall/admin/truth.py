"""The truth: what the API would answer for a window, whole, with no wall and no pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response, request

from sandbox.aircall.admin.panel import admin, told
from sandbox.aircall.call_text import Flags
from sandbox.aircall.context import world
from sandbox.aircall.pages import ListStyle, PageRequest, read_request
from sandbox.aircall.records import Record, compact
from sandbox.aircall.routes.contacts import in_order
from sandbox.aircall.routes.lines import as_listed, numbers_inside
from sandbox.aircall.routes.people import as_v2, availability_records, users_inside
from sandbox.aircall.world import World

_CHUNK = 500
_ANY = ListStyle("any", "/")


@admin.get("/truth/calls")
def true_calls() -> Response:
    """Stream the calls with `from < started_at <= to`, one JSON document a line."""
    asked, args = _asked(), request.args
    flags = Flags(
        contact=args.get("fetch_contact", "true") == "true",
        short_urls=args.get("fetch_short_urls") == "true",
        timeline=args.get("fetch_call_timeline") == "true",
        aiva=args.get("fetch_aiva_conv") == "true",
    )
    return Response(_stream(world(), asked, flags), mimetype="application/x-ndjson")


@admin.get("/truth/calls/count")
def count_true_calls() -> Response:
    """Count the calls of a window."""
    here, asked = world(), _asked()
    return told({"total": here.window(asked.after, asked.upto, here.now()).total})


@admin.get("/truth/company")
def true_company() -> Response:
    """Return the company as one line."""
    desk = world().directory
    counts = {"users_count": len(desk.users), "numbers_count": len(desk.numbers)}
    return _lines([{"name": desk.company, **counts}])


@admin.get("/truth/<any(contacts,numbers,tags,teams,users,availabilities,webhooks):kind>")
def true_records(kind: str) -> Response:
    """Return all records of an entity, one JSON document a line."""
    return _lines(_records(kind, _asked()))


def _records(kind: str, asked: PageRequest) -> Iterable[Record]:
    desk = world().directory
    if kind == "contacts":
        return in_order(list(desk.contacts.values()), asked)
    if kind == "numbers":
        return numbers_inside(asked)
    if kind == "users":
        return map(as_v2, users_inside(asked))
    if kind == "availabilities":
        return availability_records(asked)
    if kind == "teams":
        return map(as_listed, desk.teams.values())
    return list((desk.tags if kind == "tags" else desk.webhooks).values())


def _stream(here: World, asked: PageRequest, flags: Flags) -> Iterator[str]:
    # The moment is taken once: a long stream must not drift with the clock.
    now = here.now()
    window = here.window(asked.after, asked.upto, now)
    for start in range(0, window.total, _CHUNK):
        with here.lock:
            refs = window.refs(start, start + _CHUNK)
            lines = list(here.book.texts(refs, flags, now))
        yield "\n".join(lines) + "\n"


def _lines(records: Iterable[Record]) -> Response:
    text = "".join(compact(record) + "\n" for record in records)
    return Response(text, mimetype="application/x-ndjson")


def _asked() -> PageRequest:
    bounds = {key: value for key, value in request.args.items() if key not in ("page", "per_page")}
    return read_request(bounds, _ANY)
