"""Answers the services of Apps Script: the document over HTTP as its user, fetches for real."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from sandbox.appsscript.runtime import ScriptError

DEFAULT_FETCH_SECONDS = 360


class Document(Protocol):
    """The open spreadsheet, as its current user may act on it."""

    spreadsheet_id: str

    def read(self) -> dict[str, Any]:
        """Properties of the spreadsheet and of its tabs, in the words of the Sheets API."""
        ...

    def add_editor(self, email: str) -> None:
        """Share it with somebody who may edit."""
        ...

    def find_metadata(self, lookup: dict[str, Any]) -> list[dict[str, Any]]:
        """Developer metadata that a lookup finds."""
        ...

    def add_metadata(self, key: str, value: str, visibility: str) -> None:
        """Attach developer metadata to the spreadsheet as a whole."""
        ...

    def remove_metadata(self, metadata_id: int) -> None:
        """Remove developer metadata."""
        ...


@dataclass
class ServiceHost:
    """Everything that one user's executions can reach."""

    document: Document
    user_email: str
    identity_token: Callable[[], str | None]
    script_properties: Mapping[str, str] = field(default_factory=dict)
    url_whitelist: Sequence[str] = ()
    transport: httpx.BaseTransport | None = None

    def answer(self, method: str, args: list[Any]) -> Any:
        """Answer one call of a service."""
        actions: dict[str, Callable[..., Any]] = {
            "spreadsheetId": lambda: self.document.spreadsheet_id,
            "spreadsheet": self.document.read,
            "addEditor": self.document.add_editor,
            "findMetadata": self.document.find_metadata,
            "addMetadata": self.document.add_metadata,
            "removeMetadata": self.document.remove_metadata,
            "identityToken": self.identity_token,
            "userEmail": lambda: self.user_email,
            "scriptProperty": self.script_properties.get,
            "fetch": self.fetch,
        }
        if method not in actions:
            raise ScriptError(f"The stand-in of Apps Script has no {method}.")
        return actions[method](*args)

    def fetch(self, url: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """UrlFetchApp.fetch: a real request, if the manifest allows its address."""
        if not any(allowed(url, entry) for entry in self.url_whitelist):
            raise ScriptError(f"UrlFetch calls to {url} are not permitted by urlFetchWhitelist.")
        headers = {str(k): str(v) for k, v in params.get("headers", {}).items()}
        if "contentType" in params:
            headers["Content-Type"] = str(params["contentType"])
        payload = params.get("payload")
        try:
            with httpx.Client(
                timeout=float(params.get("timeoutSeconds", DEFAULT_FETCH_SECONDS)),
                follow_redirects=bool(params.get("followRedirects", True)),
                transport=self.transport,
                trust_env=False,
            ) as client:
                answer = client.request(
                    str(params.get("method", "get")).upper(),
                    url,
                    headers=headers,
                    content=None if payload is None else str(payload).encode(),
                )
        except httpx.HTTPError as error:
            raise ScriptError(f"Address unavailable: {url}") from error
        return {"status": answer.status_code, "text": answer.text, "headers": dict(answer.headers)}


def allowed(url: str, entry: str) -> bool:
    """Whether an entry of urlFetchWhitelist covers an address: same host, path as a prefix."""
    asked, given = urlsplit(url), urlsplit(entry)
    if asked.scheme != given.scheme or not given.path:
        return False
    host, pattern = asked.netloc.lower(), given.netloc.lower()
    same_host = host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
    return same_host and (asked.path or "/").startswith(given.path)
