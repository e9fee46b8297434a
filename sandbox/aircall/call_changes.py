"""What people do to calls: comment, tag, archive, assign, edit, delete, ring, answer, end."""

from __future__ import annotations

import re
from hashlib import blake2b
from itertools import count

from sandbox.aircall.call_text import Flags
from sandbox.aircall.overlay import Finalisation
from sandbox.aircall.records import API, Record
from sandbox.aircall.window import CallRef
from sandbox.aircall.world import World

MAX_COMMENTS = 5
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\ufe0f\u200d]")
_comment_ids = count(190_000_000)


def comment(world: World, ref: CallRef, content: str, user_id: int | None) -> bool:
    """Add a comment without its emoji; say whether there was room for it."""
    now = world.now()
    if len(world.book.record(ref, Flags(), now)["comments"]) >= MAX_COMMENTS:
        return False
    edit = world.book.overlay.edit_of(world.book.id_of(ref))
    text = _EMOJI.sub("", content)
    made = {"id": next(_comment_ids), "content": text, "posted_by": user_id, "posted_at": now}
    edit.comments.append(made)
    return True


def tag_call(world: World, ref: CallRef, tag_id: int, user_id: int | None) -> None:
    """Put a tag on a call."""
    edit = world.book.overlay.edit_of(world.book.id_of(ref))
    edit.untagged.discard(tag_id)
    edit.tags.append({"id": tag_id, "name": "", "created_at": world.now(), "tagged_by": user_id})


def untag_call(world: World, ref: CallRef, tag_id: int) -> None:
    """Take a tag off a call."""
    edit = world.book.overlay.edit_of(world.book.id_of(ref))
    edit.tags = [tag for tag in edit.tags if tag["id"] != tag_id]
    edit.untagged.add(tag_id)


def archive(world: World, ref: CallRef, *, archived: bool) -> None:
    """Put a call into the archive, or take it out."""
    world.book.overlay.edit_of(world.book.id_of(ref)).fields["archived"] = archived


def edit_call(world: World, ref: CallRef, fields: Record) -> CallRef:
    """Set fields of a call; a new start moves it to another place in time."""
    overlay = world.book.overlay
    fields = dict(fields)
    started_at = fields.pop("started_at", None)
    if started_at is not None:
        ref = _as_added(world, ref)
        overlay.move(world.book.id_of(ref), started_at)
    if fields:
        overlay.edit_of(world.book.id_of(ref)).fields.update(fields)
    return ref


def delete_call(world: World, ref: CallRef) -> None:
    """Take a call away without a trace."""
    if ref.added_id is not None:
        world.book.overlay.remove_added(ref.added_id)
    else:
        world.book.overlay.hide(ref.index)


def add_call(world: World, fields: Record) -> CallRef:
    """Add a call, by default an answered one that has just ended."""
    now = world.now()
    started_at = int(fields.get("started_at", now - 60))
    call = _blank(world, started_at)
    ended = {"status": "done", "answered_at": started_at + 8, "ended_at": started_at + 60}
    call.update({**ended, **fields, "started_at": started_at})
    kept = next((kind for kind in ("recording", "voicemail") if call[kind]), None)
    if kept and not call["asset"]:
        call["asset"] = f"https://assets.aircall.io/calls/{call['id']}/{kept}"
    if "duration" not in fields and call["ended_at"] is not None:
        call["duration"] = call["ended_at"] - started_at
    world.book.overlay.add(call)
    return CallRef(-1, call["id"])


def ring(world: World, fields: Record) -> CallRef:
    """Add a call that rings now."""
    ringing = {"status": "initial", "answered_at": None, "ended_at": None, "user": None}
    return add_call(world, {"started_at": world.now(), **ringing, **fields})


def answer_call(world: World, call_id: int, user_id: int | None) -> None:
    """Let somebody take a ringing call."""
    call = world.book.overlay.added[call_id]
    call.update(status="answered", answered_at=world.now())
    call["user"] = user_id or next(iter(world.directory.users), None)


def end_call(world: World, call_id: int, *, after: int, shift: int) -> None:
    """Hang up; `after` seconds later the call is finalised and its start may move."""
    call = world.book.overlay.added[call_id]
    now = world.now()
    duration = now - call["started_at"]
    answered = call["answered_at"] is not None
    missed = not answered and call["direction"] == "inbound"
    call.update(status="done", ended_at=now, duration=duration + 1)
    call["missed_call_reason"] = "agents_did_not_answer" if missed else None
    final = {
        "cost": "3.0" if call["direction"] == "outbound" and answered else "0.0",
        "pricing_type": "in_bundle" if answered else None,
        "duration": duration - shift,
    }
    world.book.overlay.promise(Finalisation(now + after, call_id, final, shift))


def _as_added(world: World, ref: CallRef) -> CallRef:
    """Turn an invented call into an added one, as it looks now."""
    if ref.added_id is not None:
        return ref
    call = world.book.record(ref, Flags(contact=True), world.now())
    world.book.overlay.hide(ref.index)
    for key in ("user", "assigned_to", "transferred_by", "transferred_to", "number", "contact"):
        call[key] = call[key] and call[key]["id"]
    call["teams"] = [team["id"] for team in call["teams"]]
    world.book.overlay.add(call)
    world.book.overlay.edits.pop(call["id"], None)
    return CallRef(-1, call["id"])


def _blank(world: World, started_at: int) -> Record:
    call_id = world.book.free_id(started_at)
    sid = blake2b(f"{call_id}".encode(), digest_size=16).hexdigest()
    desk = world.directory
    return {
        "id": call_id,
        "sid": f"CA{sid}",
        "direct_link": f"{API}/v1/calls/{call_id}",
        "direction": "inbound",
        "status": "initial",
        "missed_call_reason": None,
        "started_at": started_at,
        "answered_at": None,
        "ended_at": None,
        "duration": 0,
        "archived": False,
        "cost": "0.0",
        "voicemail": None,
        "recording": None,
        "asset": None,
        "raw_digits": "+1 202-555-0101",
        "user": next(iter(desk.users), None),
        "contact": None,
        "assigned_to": None,
        "transferred_by": None,
        "transferred_to": None,
        "comments": [],
        "number": next(iter(desk.numbers), None),
        "teams": [],
        "tags": [],
        "recording_short_url": None,
        "voicemail_short_url": None,
        "country_code_a2": "US",
        "pricing_type": None,
    }
