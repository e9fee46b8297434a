"""Serve a folder of sample answers as the world: its files become the company and its calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.aircall.directory import Directory, Table
from sandbox.aircall.overlay import Overlay
from sandbox.aircall.records import API, Record

_PEOPLE = ("user", "assigned_to", "transferred_by", "transferred_to")


def load_samples(folder: Path, directory: Directory, overlay: Overlay) -> None:
    """Fill a directory and an overlay from the files of a folder; missing files leave gaps."""
    directory.company = _read(folder, "company")["company"]["name"]
    directory.users = _table(folder, "users_v2", "users")
    for user in directory.users.values():
        user["direct_link"] = f"{API}/v1/users/{user['id']}"
    for kind in ("numbers", "tags", "teams", "contacts", "webhooks"):
        setattr(directory, kind, _table(folder, kind, kind))
    for team in directory.teams.values():
        team["users"] = [user["id"] for user in team["users"]]
    directory.availabilities = {
        item["id"]: item["availability"]
        for item in _read(folder, "users_availabilities").get("users", [])
    }
    directory.pinned = set(directory.users) | set(directory.numbers)
    timelines = _timelines(folder)
    for call in _read(folder, "calls").get("calls", []):
        overlay.add(_stored(call, timelines.get(call["id"]), directory))


def _stored(call: Record, timeline: object, directory: Directory) -> Record:
    """Return a sample call with ids in the place of documents."""
    stored = dict(call)
    if call["number"] is not None:
        # The greetings inside a call are not those of the list of numbers.
        directory.greetings.setdefault(call["number"]["id"], call["number"]["messages"])
    for key in (*_PEOPLE, "number", "contact"):
        if stored[key] is not None:
            stored[key] = stored[key]["id"]
    stored["teams"] = [team["id"] for team in stored["teams"] if team["id"] in directory.teams]
    for items, key in ((stored["comments"], "posted_by"), (stored["tags"], "tagged_by")):
        for item in items:
            item[key] = item[key]["id"] if item[key] else item[key]
    if timeline is not None:
        stored["ivr_options_selected"] = timeline
    return stored


def _timelines(folder: Path) -> dict[int, object]:
    call = _read(folder, "call_with_timeline").get("call")
    return {call["id"]: call["ivr_options_selected"]} if call else {}


def _table(folder: Path, name: str, key: str) -> Table:
    return {record["id"]: record for record in _read(folder, name).get(key, [])}


def _read(folder: Path, name: str) -> dict[str, Any]:
    path = folder / f"{name}.json"
    if not path.exists():
        return {"company": {"name": folder.name}} if name == "company" else {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
