"""Calls: the list, the search, one call, and what people do to calls."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from sandbox.aircall.call_changes import archive, comment, tag_call
from sandbox.aircall.call_search import CallFilter, search
from sandbox.aircall.call_text import Flags
from sandbox.aircall.context import (
    answer,
    asked_for,
    bad_request,
    body_of_request,
    listing,
    unknown_id,
    world,
)
from sandbox.aircall.pages import ListStyle
from sandbox.aircall.window import CallRef

calls = Blueprint("calls", __name__, url_prefix="/v1/calls")
LIST = ListStyle("calls", "/v1/calls")
SEARCH = ListStyle(
    "calls",
    "/v1/calls/search",
    carried=("from", "to", "direction", "user_id", "phone_number"),
)


@calls.get("")
def list_calls() -> Response:
    """Answer the calls of a window; other filters belong to the search and are ignored."""
    asked = asked_for(LIST)
    here = world()
    now = here.now()
    window = here.window(asked.after, asked.upto, now)
    refs = window.refs(asked.start, asked.stop, descending=asked.descending)
    return listing(LIST, asked, window.total, list(here.book.texts(refs, _flags(), now)))


@calls.get("/search")
def search_calls() -> Response:
    """Answer the calls of a window that pass the filters; tags are joined by AND."""
    asked = asked_for(SEARCH)
    tags = request.args.getlist("tags[]")
    if tags:
        asked = replace(asked, carried={**asked.carried, "tags[]": tags})
    here = world()
    now = here.now()
    window = here.window(asked.after, asked.upto, now)
    found = search(here.book, window, CallFilter.from_args(request.args, tags), now)
    refs = (found[::-1] if asked.descending else found)[asked.start : asked.stop]
    return listing(SEARCH, asked, len(found), list(here.book.texts(refs, _flags(), now)))


@calls.get("/<int:call_id>")
def get_call(call_id: int) -> Response:
    """Answer one call."""
    ref = _visible(call_id)
    if ref is None:
        return unknown_id("call", call_id)
    return _call(ref)


@calls.post("/<int:call_id>/comments")
def add_comment(call_id: int) -> Response:
    """Add a comment, which has no author when it comes through the API."""
    content = body_of_request().get("content")
    if not isinstance(content, str) or not content:
        return bad_request("content is missing")
    ref = _visible(call_id)
    if ref is None:
        return unknown_id("call", call_id)
    if not comment(world(), ref, content, None):
        return bad_request("a call has at most 5 comments")
    return _call(ref, 201)


@calls.post("/<int:call_id>/tags")
def add_tags(call_id: int) -> Response:
    """Put tags on a call, by their ids."""
    tags = body_of_request().get("tags")
    here = world()
    if not isinstance(tags, list) or not all(
        isinstance(tag, int) and tag in here.directory.tags for tag in tags
    ):
        return bad_request("tags must be ids of existing tags")
    ref = _visible(call_id)
    if ref is None:
        return unknown_id("call", call_id)
    for tag in tags:
        tag_call(here, ref, tag, None)
    return _call(ref, 201)


@calls.put("/<int:call_id>/archive", defaults={"archived": True})
@calls.put("/<int:call_id>/unarchive", defaults={"archived": False})
def archive_call(call_id: int, archived: bool) -> Response:
    """Archive a call, or take it out of the archive; it stays listed."""
    ref = _visible(call_id)
    if ref is None:
        return unknown_id("call", call_id)
    archive(world(), ref, archived=archived)
    return _call(ref)


def _call(ref: CallRef, status: int = 200) -> Response:
    here = world()
    return answer(f'{{"call":{here.book.text(ref, _flags(), here.now())}}}', status)


def _visible(call_id: int) -> CallRef | None:
    here = world()
    now = here.now()
    ref = here.book.find(call_id, now)
    if ref is None or here.book.started_at(ref) <= here.oldest(now):
        return None
    return ref


def _flags() -> Flags:
    args = request.args
    return Flags(
        contact=args.get("fetch_contact") == "true",
        short_urls=args.get("fetch_short_urls") == "true",
        timeline=args.get("fetch_call_timeline") == "true",
        aiva=args.get("fetch_aiva_conv") == "true",
    )
