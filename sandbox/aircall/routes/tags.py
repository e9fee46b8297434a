"""Tags: no dates, no links, and descriptions that only system tags keep."""

from __future__ import annotations

from flask import Blueprint, Response

from sandbox.aircall.context import (
    answer,
    asked_for,
    bad_request,
    body_of_request,
    list_records,
    single,
    unknown_id,
    world,
)
from sandbox.aircall.pages import ListStyle
from sandbox.aircall.records import Record

tags = Blueprint("tags", __name__, url_prefix="/v1/tags")
LIST = ListStyle("tags", "/v1/tags", carried=())


@tags.get("")
def list_tags() -> Response:
    """Answer the tags, the system's own first."""
    return list_records(LIST, asked_for(LIST), list(world().directory.tags.values()))


@tags.get("/<int:tag_id>")
def get_tag(tag_id: int) -> Response:
    """Answer one tag."""
    tag = world().directory.tags.get(tag_id)
    return single("tag", tag) if tag else unknown_id("tag", tag_id)


@tags.post("")
def create_tag() -> Response:
    """Create a tag; names are unique, and a description sent is dropped."""
    tag = new_tag(body_of_request())
    return single("tag", tag) if tag else bad_request("name is missing or has been taken")


@tags.put("/<int:tag_id>")
def update_tag(tag_id: int) -> Response:
    """Rename or recolour a tag."""
    desk, sent = world().directory, body_of_request()
    tag = desk.tags.get(tag_id)
    if tag is None:
        return unknown_id("tag", tag_id)
    tag.update({key: sent[key] for key in ("name", "color") if key in sent})
    desk.forget_texts()
    return single("tag", tag)


@tags.delete("/<int:tag_id>")
def delete_tag(tag_id: int) -> Response:
    """Delete a tag, and with it every use on a call."""
    desk = world().directory
    if desk.tags.pop(tag_id, None) is None:
        return unknown_id("tag", tag_id)
    desk.forget_texts()
    return answer("", 204)


def new_tag(sent: Record) -> Record | None:
    """Add a tag made of what was sent, None if its name cannot be used."""
    desk = world().directory
    name = sent.get("name")
    if not name or any(tag["name"] == name for tag in desk.tags.values()):
        return None
    tag_id = max(desk.tags, default=3_078_000) + 1
    color = sent.get("color", "#00B388")
    tag: Record = {"id": tag_id, "name": name, "color": color, "description": None}
    desk.tags[tag_id] = tag
    return tag
