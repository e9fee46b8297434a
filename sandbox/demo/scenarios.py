"""Things that happen outside the spreadsheet, for a visitor to try from the menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.appsscript.runtime import ScriptError

Json = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """One thing to try: its label in the menu, what to say once done, and how it is done."""

    label: str
    said: str
    play: Callable[[], None]


class Scenarios:
    """The scenarios, played over the admin endpoints of the stand-ins."""

    def __init__(self, aircall_url: str, sheets_url: str, spreadsheet_id: str) -> None:
        self._client = httpx.Client(timeout=10, trust_env=False)
        self._aircall = aircall_url
        self._sheets = sheets_url
        self._spreadsheet_id = spreadsheet_id
        self._known = {
            "rush": Scenario(
                "Ten minutes of calls arrive at once",
                "Ten minutes have passed at Aircall. Refresh now brings what came in.",
                lambda: self._tell("post", "/_admin/clock", {"advance": 600}),
            ),
            "refusals": Scenario(
                "Aircall refuses the next 3 requests (429)",
                "Aircall will refuse the next three requests, as it does when too many are made.",
                lambda: self._fault("rate_limited", times=3),
            ),
            "broken": Scenario(
                "Aircall breaks off the next 2 answers",
                "The next two answers of Aircall will break off in the middle.",
                lambda: self._fault("truncate", times=2),
            ),
            "healthy": Scenario(
                "Everything works again",
                "All faults are lifted.",
                lambda: self._tell("delete", "/_admin/faults"),
            ),
        }

    def listed(self) -> list[Json]:
        """Names and labels for the menu."""
        return [{"name": name, "label": one.label} for name, one in self._known.items()]

    def play(self, name: str) -> str:
        """Let it happen; return a sentence about it."""
        scenario = self._known.get(name)
        if scenario is None:
            raise ScriptError(f"There is no scenario named {name}.")
        scenario.play()
        return scenario.said

    def _fault(self, kind: str, *, times: int) -> None:
        self._tell("post", "/_admin/faults", {"kind": kind, "times": times, "path": "^/v1/"})

    def _tell(self, method: str, path: str, body: Json | None = None) -> None:
        answer = self._client.request(method, self._aircall + path, json=body)
        if not answer.is_success:
            raise ScriptError(f"The Aircall stand-in answered {answer.status_code}.")
