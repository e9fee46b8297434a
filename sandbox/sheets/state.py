"""Everything the stand-in remembers: files, spreadsheets, accounts, quotas, faults, a log."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.sheets.errors import no_permission, not_found
from sandbox.sheets.faults import Faults
from sandbox.sheets.oauth import Accounts
from sandbox.sheets.quota import Quota
from sandbox.sheets.requests.context import Caller
from sandbox.sheets.traffic import Traffic
from sandbox.sheets.workbook import Workbook, new_workbook

OWNER = "owner@callsheet.example"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
ROLES = ("reader", "commenter", "writer", "owner")


@dataclass(slots=True)
class DriveFile:
    """A file as Drive sees it."""

    id: str
    name: str
    owner: str
    created: float
    modified: float
    # Role by address; "anyone" stands for everybody.
    roles: dict[str, str] = field(default_factory=dict)
    parents: list[str] = field(default_factory=list)

    def role(self, email: str) -> str | None:
        """Return the best role of a user."""
        held = [r for r in (self.roles.get(email), self.roles.get("anyone")) if r]
        return max(held, key=ROLES.index, default=None)


class State:
    """One Google, as small as we need it."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.files: dict[str, DriveFile] = {}
        self.books: dict[str, Workbook] = {}
        self.accounts = Accounts(clock)
        self.quota = Quota(clock)
        self.faults = Faults()
        self.traffic = Traffic(clock)
        self._lock = threading.RLock()
        self._locks: dict[str, threading.RLock] = {}

    def create(self, title: str, owner: str = OWNER, **properties: str) -> str:
        """Make an empty spreadsheet and return its id."""
        file_id = "1" + secrets.token_urlsafe(32)[:43]
        return self.add(new_workbook(file_id, title, owner, **properties))

    def add(self, book: Workbook) -> str:
        """Put a spreadsheet into its owner's Drive."""
        now = self.clock()
        title = book.properties["title"]
        made = DriveFile(book.id, title, book.owner, now, now, {book.owner: "owner"})
        with self._lock:
            self.files[book.id] = made
            self.books[book.id] = book
            self._locks[book.id] = threading.RLock()
        return book.id

    def share(self, file_id: str, email: str, role: str | None) -> None:
        """Give a user a role, or take away any."""
        roles = self.files[file_id].roles
        if role is None:
            roles.pop(email, None)
        else:
            roles[email] = role

    def delete(self, file_id: str) -> None:
        """Delete a file for good."""
        with self._lock:
            self.files.pop(file_id, None)
            self.books.pop(file_id, None)
            self._locks.pop(file_id, None)

    def book(self, file_id: str, caller: Caller, *, write: bool = False) -> Workbook:
        """Return a spreadsheet the caller may read, or write."""
        made, book = self.files.get(file_id), self.books.get(file_id)
        if made is None or book is None:
            raise not_found()
        role = made.role(caller.email)
        if role is None or (write and role not in {"writer", "owner"}):
            raise no_permission()
        return book

    @contextmanager
    def change(self, file_id: str) -> Iterator[Workbook]:
        """Lend a draft of a spreadsheet; it takes the old one's place unless an error leaves."""
        lock = self._locks.get(file_id)
        if lock is None:
            raise not_found()
        with lock:
            draft = self.books[file_id].copy()
            yield draft
            draft.revision += 1
            made = self.files.get(file_id)
            if made is None:
                raise not_found()
            made.modified = self.clock()
            made.name = draft.properties["title"]
            self.books[file_id] = draft
