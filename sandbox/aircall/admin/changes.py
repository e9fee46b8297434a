"""What a customer's people do: calls that ring and end, and edits, tags, deletions everywhere."""

from __future__ import annotations

from flask import Response

from sandbox.aircall import call_changes as changes
from sandbox.aircall.admin.panel import admin, told
from sandbox.aircall.call_text import Flags
from sandbox.aircall.context import body_of_request, refused, unknown_id, world
from sandbox.aircall.directory import Table
from sandbox.aircall.presence import AVAILABILITIES
from sandbox.aircall.records import Record
from sandbox.aircall.routes.contacts import new_contact
from sandbox.aircall.routes.people import new_user, remove_user
from sandbox.aircall.routes.tags import new_tag
from sandbox.aircall.window import CallRef

_KINDS = "any(users,numbers,teams,tags,contacts,webhooks)"
_FINAL_AFTER = 120


@admin.post("/calls")
def add_calls() -> Response:
    """Add one call or `count` of them, with any fields overridden; people and things by id."""
    sent = body_of_request()
    count = int(sent.pop("count", 1))
    refs = [changes.add_call(world(), sent) for _ in range(count)]
    return told({"ids": [ref.added_id for ref in refs]}, 201)


@admin.post("/calls/ring")
def ring() -> Response:
    """Let a call ring now."""
    return _told(changes.ring(world(), body_of_request()), 201)


@admin.post("/calls/<int:call_id>/answer")
def answer_call(call_id: int) -> Response:
    """Let somebody take a ringing call."""
    if call_id not in world().book.overlay.added:
        return unknown_id("added call", call_id)
    changes.answer_call(world(), call_id, body_of_request().get("user_id"))
    return _told(CallRef(-1, call_id))


@admin.post("/calls/<int:call_id>/end")
def end_call(call_id: int) -> Response:
    """Hang up; the call is finalised some time later, and its start may move."""
    sent = body_of_request()
    if call_id not in world().book.overlay.added:
        return unknown_id("added call", call_id)
    after, shift = int(sent.get("finalise_after", _FINAL_AFTER)), int(sent.get("shift", 0))
    changes.end_call(world(), call_id, after=after, shift=shift)
    return _told(CallRef(-1, call_id))


@admin.patch("/calls/<int:call_id>")
def edit_call(call_id: int) -> Response:
    """Set any fields of a call."""
    ref = _find(call_id)
    if ref is None:
        return unknown_id("call", call_id)
    return _told(changes.edit_call(world(), ref, body_of_request()))


@admin.delete("/calls/<int:call_id>")
def delete_call(call_id: int) -> Response:
    """Delete a call without a trace."""
    ref = _find(call_id)
    if ref is None:
        return unknown_id("call", call_id)
    changes.delete_call(world(), ref)
    return told({"deleted": call_id})


@admin.post("/calls/<int:call_id>/comments")
def comment(call_id: int) -> Response:
    """Let a person comment on a call."""
    ref, sent = _find(call_id), body_of_request()
    if ref is None:
        return unknown_id("call", call_id)
    if not changes.comment(world(), ref, sent.get("content", ""), sent.get("user_id")):
        return refused(400, "Bad Request", "a call has at most 5 comments")
    return _told(ref, 201)


@admin.post("/calls/<int:call_id>/tags")
def tag(call_id: int) -> Response:
    """Let a person tag a call."""
    ref, sent = _find(call_id), body_of_request()
    if ref is None or sent.get("tag_id") not in world().directory.tags:
        return unknown_id("call or tag", call_id)
    changes.tag_call(world(), ref, sent["tag_id"], sent.get("user_id"))
    return _told(ref, 201)


@admin.delete("/calls/<int:call_id>/tags/<int:tag_id>")
def untag(call_id: int, tag_id: int) -> Response:
    """Take a tag off a call."""
    ref = _find(call_id)
    if ref is None:
        return unknown_id("call", call_id)
    changes.untag_call(world(), ref, tag_id)
    return _told(ref)


@admin.put("/calls/<int:call_id>/archived")
def archive(call_id: int) -> Response:
    """Archive a call, or take it out of the archive."""
    ref = _find(call_id)
    if ref is None:
        return unknown_id("call", call_id)
    changes.archive(world(), ref, archived=bool(body_of_request().get("archived", True)))
    return _told(ref)


@admin.put("/users/<int:user_id>/availability")
def set_availability(user_id: int) -> Response:
    """Fix what a person does; null lets it move by itself again."""
    fixed, value = world().directory.availabilities, body_of_request().get("availability")
    fixed.pop(user_id, None)
    if value is not None:
        fixed[user_id] = value
    return told({"id": user_id, "availability": value, "known_values": AVAILABILITIES})


@admin.post("/<any(users,tags,contacts):kind>")
def add_record(kind: str) -> Response:
    """Add a user, tag or contact."""
    make = {"users": new_user, "tags": new_tag, "contacts": new_contact}[kind]
    made = make(body_of_request())
    return told(made, 201) if made else refused(400, "Bad Request", "missing or taken")


@admin.patch(f"/<{_KINDS}:kind>/<int:record_id>")
def edit_record(kind: str, record_id: int) -> Response:
    """Set any fields of a record; no date moves unless it is among them."""
    desk, sent = world().directory, body_of_request()
    record = _table(kind).get(record_id)
    if record is None:
        return unknown_id(kind, record_id)
    record.update(sent)
    if "available" in sent or "open" in sent:
        desk.pinned.add(record_id)
    desk.forget_texts()
    return told(record)


@admin.delete(f"/<{_KINDS}:kind>/<int:record_id>")
def delete_record(kind: str, record_id: int) -> Response:
    """Delete a record without a trace."""
    if record_id not in _table(kind):
        return unknown_id(kind, record_id)
    if kind == "users":
        remove_user(record_id)
    else:
        del _table(kind)[record_id]
        world().directory.forget_texts()
    return told({"deleted": record_id})


def _table(kind: str) -> Table:
    found: Table = getattr(world().directory, kind)
    return found


def _find(call_id: int) -> CallRef | None:
    return world().book.find(call_id, world().now())


def _told(ref: CallRef, status: int = 200) -> Response:
    here = world()
    call: Record = here.book.record(ref, Flags(contact=True), here.now())
    return told(call, status)
