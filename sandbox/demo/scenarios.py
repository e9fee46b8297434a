"""Things that happen outside the spreadsheet, for a visitor to try from the menu."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.appsscript.runtime import ScriptError

Json = dict[str, Any]

RUSH_PER_MINUTE = 60.0
RUSH_SECONDS = 30.0
AIRCALL_API, SHEETS_API = "^/v1/", "^/v4/"


@dataclass(frozen=True)
class Scenario:
    """One thing to try: its label in the menu, what to say once done, and how it is done."""

    label: str
    said: str
    play: Callable[[], object]


class Scenarios:
    """The scenarios, played over the admin endpoints of the stand-ins."""

    def __init__(
        self, aircall_url: str, sheets_url: str, spreadsheet_id: str, writer_email: str
    ) -> None:
        self._client = httpx.Client(
            timeout=10, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self._aircall = f"{aircall_url}/_admin"
        self._sheets = f"{sheets_url}/_admin"
        self._access = f"{self._sheets}/spreadsheets/{spreadsheet_id}/access"
        self._writer = writer_email
        self._known = {
            "rush": Scenario(
                "A rush: a call every second for half a minute",
                "Phones are ringing. Refresh now brings what has come in so far.",
                self._rush,
            ),
            "refusals": Scenario(
                "Aircall refuses the next 3 requests (429)",
                "Aircall will refuse three requests, as it does when there are too many.",
                lambda: self._fault(self._aircall, "rate_limited", 3, AIRCALL_API),
            ),
            "broken": Scenario(
                "Aircall breaks off the next 2 answers",
                "The next two answers of Aircall will break off in the middle.",
                lambda: self._fault(self._aircall, "truncate", 2, AIRCALL_API),
            ),
            "lost": Scenario(
                "Google writes, but its answer gets lost",
                "The next change will be made, but Callsheet will not hear of it.",
                lambda: self._fault(self._sheets, "lost", 1, f"{SHEETS_API}.*batchUpdate"),
            ),
            "locked": Scenario(
                "Take away Callsheet's access to this spreadsheet",
                "Callsheet can no longer open this spreadsheet. Refresh now says what to do.",
                lambda: self._tell("post", self._access, {"email": self._writer}),
            ),
            "healthy": Scenario(
                "Everything works again",
                "Faults are lifted and Callsheet may edit this spreadsheet.",
                self._heal,
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

    def _rush(self) -> None:
        usual = self._tell("get", f"{self._aircall}/state")["plan"]["arrivals_per_minute"]
        self._arrivals(RUSH_PER_MINUTE)
        calm = threading.Timer(RUSH_SECONDS, self._arrivals, [usual])
        calm.daemon = True
        calm.start()

    def _arrivals(self, per_minute: float) -> None:
        self._tell("put", f"{self._aircall}/arrivals", {"per_minute": per_minute})

    def _fault(self, admin: str, kind: str, times: int, path: str) -> None:
        self._tell("post", f"{admin}/faults", {"kind": kind, "times": times, "path": path})

    def _heal(self) -> None:
        self._tell("delete", f"{self._aircall}/faults")
        self._tell("delete", f"{self._sheets}/faults")
        self._tell("post", self._access, {"email": self._writer, "role": "writer"})

    def _tell(self, method: str, address: str, body: Json | None = None) -> Json:
        answer = self._client.request(method, address, json=body)
        if not answer.is_success:
            raise ScriptError(f"The stand-in answered {answer.status_code}.")
        told: Json = answer.json()
        return told
