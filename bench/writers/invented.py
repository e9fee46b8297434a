"""Invented calls as rows of 31 cells, like those of Calls; standard library only.

The same number gives the same row everywhere; `changed` differs in one comment.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

_START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_AGENTS = ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Hedy Lamarr", "Mary Jackson")
_LINES = ("Support France", "Support Germany", "Sales", "Front desk")

COLUMNS = (
    ("id", "text"), ("direction", "text"), ("outcome", "text"), ("missed_reason", "text"),
    ("started_at", "date_time"), ("answered_at", "date_time"), ("ended_at", "date_time"),
    ("waiting_s", "seconds"), ("talking_s", "seconds"), ("total_s", "seconds"),
    ("agent", "text"), ("agent_email", "text"), ("line", "text"), ("line_number", "text"),
    ("caller_number", "text"), ("caller_number_e164", "text"), ("country", "text"),
    ("contact", "text"), ("company", "text"), ("teams", "text"), ("tags", "text"),
    ("comments", "paragraph"), ("assigned_to", "text"), ("transferred_by", "text"),
    ("transferred_to", "text"), ("archived", "boolean"), ("cost_cents", "decimal"),
    ("media", "link"), ("local_date", "date"), ("local_hour", "integer"),
    ("local_weekday", "text"),
)  # fmt: skip
HEADERS = [key.replace("_", " ").capitalize() for key, _ in COLUMNS]


def row(number: int, *, changed: bool = False) -> list[Any]:
    """Return one call; date-times are aware."""
    noise = int.from_bytes(hashlib.blake2b(str(number).encode(), digest_size=6).digest(), "big")
    waiting, talking = noise % 60, noise // 60 % 900
    began = _START + timedelta(seconds=47 * number)
    answered = began + timedelta(seconds=waiting)
    agent = _AGENTS[noise % 5]
    phone = f"+33 1 {noise % 90 + 10} {noise // 90 % 90 + 10} 55 01"
    missed = noise % 9 == 0
    return [
        str(4_000_000_000 + number),
        "outbound" if noise % 3 else "inbound",
        "missed" if missed else "answered",
        "no_available_agent" if missed else "",
        began,
        None if missed else answered,
        answered + timedelta(seconds=talking),
        waiting,
        0 if missed else talking,
        waiting + talking,
        agent,
        f"{agent.split()[0].lower()}@example.com",
        _LINES[noise % 4],
        "+33 1 86 95 00 00",
        phone,
        phone.replace(" ", ""),
        "FR",
        "" if noise % 4 else "Jean Dupont",
        "" if noise % 4 else "Dupont & fils",
        "Support, Europe",
        "urgent, invoice" if noise % 7 == 0 else "",
        f"Called back {number}." if changed else "",
        "",
        "",
        "",
        noise % 5 == 0,
        1.25,
        "",
        began.date(),
        began.hour,
        began.strftime("%A"),
    ]


def cell(value: Any) -> Any:
    """Return a value as scripts send it: a serial for a date-time, "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value - _EPOCH) / timedelta(days=1)
    if isinstance(value, str | bool | int | float):
        return value
    return (value - _EPOCH.date()).days


def cells(number: int, *, changed: bool = False) -> list[Any]:
    """Return one call as cells."""
    return [cell(value) for value in row(number, changed=changed)]


def refreshed(rows: int, changed: int, new: int) -> list[tuple[int, bool]]:
    """Return the numbers that a refresh brings, and whether each is a changed one: of the lowest
    rows some, as calls change soon after they were made, and new ones."""
    old = range(rows - 10 * changed, rows, 10)
    return [(number, True) for number in old] + [(n, False) for n in range(rows, rows + new)]


def job() -> dict[str, Any]:
    """Return what this process is to do."""
    found: dict[str, Any] = json.loads(sys.argv[1])
    return found


def say(**said: Any) -> None:
    """Tell what came of it, with the CPU seconds so far, as the last line."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"pid": os.getpid(), "cpu": spent.ru_utime + spent.ru_stime, **said}))
