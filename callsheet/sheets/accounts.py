"""The service accounts that write: one or a pool, and which of them writes which spreadsheet."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from callsheet.errors import ConfigError, GoogleCredentialsRejected, ServiceAccountGone


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A writing identity of Google's. project: the Cloud project whose quota it uses."""

    email: str
    project: str
    key_file: Path


class AccountPool:
    """The accounts by address; at least one."""

    def __init__(self, accounts: Iterable[ServiceAccount]) -> None:
        self._by_email = {account.email: account for account in accounts}

    @classmethod
    def read(cls, setting: str) -> Self:
        """Read the key files that GOOGLE_SERVICE_ACCOUNT_FILE names.

        setting: one file, several (separated by spaces or the system's path separator), or a
        folder whose `*.json` are taken. Raises ConfigError, GoogleCredentialsRejected.
        """
        return cls(_read(path) for path in key_files(setting))

    def __iter__(self) -> Iterator[ServiceAccount]:
        return iter(self._by_email.values())

    def pinned(self, email: str) -> ServiceAccount:
        """Return the account that a connection is pinned to. Raises ServiceAccountGone."""
        if email not in self._by_email:
            raise ServiceAccountGone(
                f"service account {email}",
                message=f"This spreadsheet is written as {email}, whose key is no longer on the "
                "server. Put its key file back, or disconnect in the sidebar and connect again: "
                "then another account writes.",
            )
        return self._by_email[email]

    def choose(self, spreadsheet_id: str, pinned: str | None = None) -> ServiceAccount:
        """Return the pinned account while it is there, else always the same for a spreadsheet.

        The choice is by rendezvous hashing: even, and a new account takes over no more than its
        share of the spreadsheets that are not pinned yet.
        """
        if pinned in self._by_email:
            return self._by_email[pinned]
        return max(self._by_email.values(), key=lambda one: _rank(spreadsheet_id, one.email))


def key_files(setting: str) -> list[Path]:
    """Return the files that the setting names. Raises ConfigError when there are none."""
    whole = Path(setting)
    if whole.is_dir():
        found = sorted(whole.glob("*.json"))
        if not found:
            raise ConfigError(
                message=f"GOOGLE_SERVICE_ACCOUNT_FILE names the folder {whole}, in which no *.json "
                "is. Put the service accounts' JSON keys there."
            )
        return found
    parts = re.split(rf"[\s{os.pathsep}]+", setting.strip(f" {os.pathsep}"))
    paths = [whole] if whole.is_file() else [Path(part) for part in parts]
    for path in paths:
        if not path.is_file():
            raise ConfigError(
                message=f"GOOGLE_SERVICE_ACCOUNT_FILE points to {path}, which is not there. Give "
                "the path of the service account's JSON key."
            )
    return paths


def _read(path: Path) -> ServiceAccount:
    try:
        key = json.loads(path.read_bytes())
        email = str(key["client_email"])
        project = key.get("project_id") or email.partition("@")[2].partition(".")[0]
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as problem:
        # The text of these exceptions may hold pieces of the key.
        raise not_a_key(path, problem) from None
    return ServiceAccount(email, str(project), path)


def not_a_key(path: Path, problem: Exception) -> GoogleCredentialsRejected:
    """Return the error of a file that is no service account's key."""
    return GoogleCredentialsRejected(
        f"service account file: {type(problem).__name__}",
        message=f"The file {path.name} named in GOOGLE_SERVICE_ACCOUNT_FILE cannot be read or is "
        "not a service account's key. Download a new key as JSON and set the path.",
    )


def _rank(spreadsheet_id: str, email: str) -> bytes:
    return hashlib.sha256(f"{spreadsheet_id}\n{email}".encode()).digest()
