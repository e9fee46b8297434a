"""The little of Drive v3 that clients of Sheets use: files and permissions."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import UTC, datetime
from typing import Any

from sandbox.sheets.a1 import Rect
from sandbox.sheets.drive_query import compiled
from sandbox.sheets.endpoints import Call
from sandbox.sheets.errors import DriveError, Json
from sandbox.sheets.fields import BadMask, Mask, parse
from sandbox.sheets.ranges import Place
from sandbox.sheets.requests.context import Caller
from sandbox.sheets.state import ROLES, SPREADSHEET, DriveFile
from sandbox.sheets.values import ReadOptions, shown_rows
from sandbox.sheets.workbook import Tab
from sandbox.sheets.writing import grow, put

FILE_FIELDS = "kind,id,name,mimeType"
LIST_FIELDS = f"kind,nextPageToken,incompleteSearch,files({FILE_FIELDS})"
PERMISSION_FIELDS = "kind,id,type,role"
EDITORS = {"writer", "owner"}


def moment(seconds: float) -> str:
    """Return a time as Drive writes it."""
    shown = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return shown.replace("+00:00", "Z")


def picked(value: Any, mask: Mask) -> Any:
    """Return what a mask of Drive names; unknown names are let pass."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [picked(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: picked(value[name], mask[name]) for name in value if name in mask}


def masked(call: Call, value: Json, default: str) -> Json:
    """Return the asked-for or the usual fields of an answer."""
    try:
        found: Json = picked(value, parse(call.one("fields") or default))
    except BadMask as error:
        raise DriveError(
            400, "invalidParameter", f"Invalid field selection {error.args[0]}", "fields"
        ) from error
    return found


def _file(call: Call, file_id: str, *, role: str = "reader") -> DriveFile:
    found = call.state.files.get(file_id)
    held = found.role(call.caller.email) if found else None
    if found is None or held is None:
        raise DriveError(404, "notFound", f"File not found: {file_id}.", "fileId")
    if ROLES.index(held) < ROLES.index(role):
        raise DriveError(
            403,
            "insufficientFilePermissions",
            "The user does not have sufficient permissions for this file.",
        )
    return found


def _permission_id(email: str) -> str:
    if email == "anyone":
        return "anyoneWithLink"
    return str(int(hashlib.sha256(email.encode()).hexdigest()[:16], 16)).zfill(20)


def _permission(email: str, role: str) -> Json:
    shown: Json = {"kind": "drive#permission", "id": _permission_id(email)}
    if email == "anyone":
        return shown | {"type": "anyone", "role": role, "allowFileDiscovery": False}
    name = email.partition("@")[0]
    return (
        shown
        | {"type": "user", "emailAddress": email, "role": role, "displayName": name}
        | {
            "deleted": False,
            "pendingOwner": False,
        }
    )


def _resource(file: DriveFile, caller: Caller) -> Json:
    role = file.role(caller.email) or "reader"
    edits, owns = role in EDITORS, role == "owner"
    able = {"canEdit": edits, "canRename": edits, "canShare": edits, "canModifyContent": edits}
    able |= {"canDelete": owns, "canTrash": owns, "canCopy": True, "canDownload": True}
    owner: Json = {"kind": "drive#user", "emailAddress": file.owner, "me": owns}
    return {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": SPREADSHEET,
        "parents": file.parents or ["root"],
        "createdTime": moment(file.created),
        "modifiedTime": moment(file.modified),
        "trashed": False,
        "ownedByMe": owns,
        "shared": len(file.roles) > 1,
        "owners": [owner],
        "capabilities": able,
        "permissions": [_permission(email, role) for email, role in file.roles.items()],
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{file.id}/edit",
    }


def create(call: Call) -> Json:
    """files.create."""
    body = call.body or {}
    if body.get("mimeType") != SPREADSHEET:
        raise DriveError(400, "invalid", "This stand-in only makes spreadsheets.")
    made = call.state.create(body.get("name") or "Untitled", call.caller.email)
    file = call.state.files[made]
    file.parents = list(body.get("parents", []))
    return masked(call, _resource(file, call.caller), FILE_FIELDS)


def get(call: Call) -> Json:
    """files.get."""
    return masked(call, _resource(_file(call, call.id), call.caller), FILE_FIELDS)


def list_files(call: Call) -> Json:
    """files.list, with its search."""
    test = compiled(call.one("q") or "")
    mine = [f for f in call.state.files.values() if f.roles.get(call.caller.email) and test(f)]
    mine.sort(key=lambda file: file.modified, reverse=True)
    if (call.one("orderBy") or "").startswith("name"):
        mine.sort(key=lambda file: file.name)
    size, start = int(call.one("pageSize") or 100), int(call.one("pageToken") or 0)
    page = [_resource(file, call.caller) for file in mine[start : start + size]]
    answer: Json = {"kind": "drive#fileList", "incompleteSearch": False, "files": page}
    if start + size < len(mine):
        answer["nextPageToken"] = str(start + size)
    return masked(call, answer, LIST_FIELDS)


def update(call: Call) -> Json:
    """files.update: the name, and moves between folders."""
    file = _file(call, call.id, role="writer")
    wanted = (call.body or {}).get("name")
    with call.state.change(call.id) as book:
        if wanted:
            book.properties["title"] = wanted
    added = (call.one("addParents") or "").split(",")
    removed = (call.one("removeParents") or "").split(",")
    kept = [parent for parent in file.parents if parent not in removed]
    file.parents = kept + [parent for parent in added if parent]
    return masked(call, _resource(file, call.caller), FILE_FIELDS)


def delete(call: Call) -> None:
    """files.delete: for good, by the owner only."""
    _file(call, call.id, role="owner")
    call.state.delete(call.id)


def copy(call: Call) -> Json:
    """files.copy: cells, objects and metadata, but no permissions."""
    file = _file(call, call.id)
    twin = call.state.books[call.id].copy()
    made = call.state.create((call.body or {}).get("name") or f"Copy of {file.name}")
    call.state.delete(made)
    twin.id, twin.owner = made, call.caller.email
    twin.properties["title"] = (call.body or {}).get("name") or f"Copy of {file.name}"
    call.state.add(twin)
    copied = call.state.files[made]
    copied.parents = list((call.body or {}).get("parents", []))
    return masked(call, _resource(copied, call.caller), FILE_FIELDS)


EXPORTS = {"text/csv": ",", "text/tab-separated-values": "\t"}


def export(call: Call) -> str:
    """files.export: the first tab as CSV or TSV."""
    _file(call, call.id)
    separator = EXPORTS.get(call.one("mimeType") or "")
    if separator is None:
        raise DriveError(
            400,
            "badRequest",
            "The requested conversion is not supported.",
            "convertTo",
        )
    tab = call.state.books[call.id].tabs[0]
    rows = shown_rows(Place(tab, Rect(0, 0), tab.title), ReadOptions())
    width = max(map(len, rows), default=0)
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(row + [""] * (width - len(row)) for row in rows)
    return out.getvalue().removesuffix("\r\n")


def import_csv(call: Call) -> Json:
    """files.update of v2 with a CSV: all tabs go, and one holds what was sent, as if typed."""
    file = _file(call, call.id, role="writer")
    rows: list[list[Any]] = list(csv.reader(io.StringIO(str(call.body or ""))))
    with call.state.change(call.id) as book:
        first = book.tabs[0]
        rest = (entry for entry in book.metadata if entry.sheet_id is None)
        book.tabs, book.metadata, book.named_ranges = [Tab(0, first.title)], tuple(rest), ()
        grid = book.tabs[0].grid
        grow(book, grid, len(rows), max(map(len, rows), default=0))
        put(grid, 0, 0, rows, "USER_ENTERED")
    shown = _resource(file, call.caller)
    return {"kind": "drive#file", "id": file.id, "title": file.name} | {
        name: shown[name] for name in ("mimeType", "capabilities")
    }


def comments(call: Call) -> Json:
    """comments.list: nobody comments here."""
    _file(call, call.id)
    answer: Json = {"kind": "drive#commentList", "comments": []}
    return masked(call, answer, "kind,nextPageToken,comments")


def share(call: Call) -> Json:
    """permissions.create."""
    file = _file(call, call.id, role="writer")
    body: Json = call.body or {}
    kind, role = body.get("type"), body.get("role")
    email = "anyone" if kind == "anyone" else body.get("emailAddress")
    if role not in ROLES or not email:
        raise DriveError(400, "badRequest", "The permission type field is required.")
    _give(call, file, email, role)
    return masked(call, _permission(email, role), PERMISSION_FIELDS)


def _give(call: Call, file: DriveFile, email: str, role: str) -> None:
    """Give a role; a new owner makes the old one a writer."""
    if role == "owner":
        for held, its in list(file.roles.items()):
            if its == "owner":
                file.roles[held] = "writer"
        file.owner = email
    call.state.share(call.id, email, role)


def _held(file: DriveFile, permission_id: str) -> str:
    for email in file.roles:
        if _permission_id(email) == permission_id:
            return email
    raise DriveError(404, "notFound", f"Permission not found: {permission_id}.", "permissionId")


def get_permission(call: Call) -> Json:
    """permissions.get."""
    file = _file(call, call.id, role="writer")
    email = _held(file, call.tail)
    return masked(call, _permission(email, file.roles[email]), PERMISSION_FIELDS)


def update_permission(call: Call) -> Json:
    """permissions.update: another role, or the ownership."""
    file = _file(call, call.id, role="writer")
    email, role = _held(file, call.tail), (call.body or {}).get("role")
    if role not in ROLES:
        raise DriveError(400, "badRequest", "The permission role field is required.")
    if role == "owner" and (call.one("transferOwnership") or "").lower() != "true":
        words = (
            "The transferOwnership parameter must be enabled when the permission role is 'owner'."
        )
        raise DriveError(403, "forbidden", words, "transferOwnership")
    _give(call, file, email, role)
    return masked(call, _permission(email, role), PERMISSION_FIELDS)


def list_permissions(call: Call) -> Json:
    """permissions.list."""
    file = _file(call, call.id, role="writer")
    entries = [_permission(email, role) for email, role in file.roles.items()]
    answer = {"kind": "drive#permissionList", "permissions": entries}
    return masked(call, answer, f"kind,permissions({PERMISSION_FIELDS})")


def unshare(call: Call) -> None:
    """permissions.delete."""
    file = _file(call, call.id, role="writer")
    call.state.share(call.id, _held(file, call.tail), None)
