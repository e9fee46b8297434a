"""Read calls as a plain script does: a loop over pages with httpx, a row from each call.

Makes the same 31 values as Callsheet's columns, with the same library for telephone numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import phonenumbers

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HUNG_UP = ("short_abandoned", "abandoned_in_ivr", "abandoned_in_classic")
ZONE = ZoneInfo("Europe/Paris")

known_numbers: dict[tuple[str, str | None], str | None] = {}


def main() -> None:
    """Read the job's calls into rows that are dropped at once."""
    records = sum(1 for _row in read_rows(json.loads(sys.argv[1])))
    print(json.dumps({"records": records}))


def read_rows(job: dict[str, Any]) -> Iterator[list[Any]]:
    """Yield a row for each call, part by part, page by page."""
    with httpx.Client(base_url=job["url"], auth=(job["api_id"], job["api_token"])) as http:
        for after, until in job["parts"]:
            page, total = 1, 1
            while (page - 1) * 50 < total:
                asked = {"from": after, "to": until, "order": "asc", "fetch_contact": "true"}
                answer = http.get("/v1/calls", params={**asked, "page": page, "per_page": 50})
                answer.raise_for_status()
                body = answer.json()
                for call in body["calls"]:
                    yield row(call)
                total = body["meta"]["total"]
                page += 1


def row(call: dict[str, Any]) -> list[Any]:
    """Return the 31 values of a call."""
    started, answered, ended = call["started_at"], call["answered_at"], call["ended_at"]
    user, line, contact = call["user"] or {}, call["number"] or {}, call.get("contact") or {}
    local = None if started is None else datetime.fromtimestamp(started, ZONE)
    waited_until = ended if answered is None else answered
    return [
        str(call["id"]),
        call["direction"],
        outcome(call),
        call["missed_call_reason"],
        moment(started),
        moment(answered),
        moment(ended),
        between(started, waited_until),
        (0 if ended is not None else None) if answered is None else between(answered, ended),
        between(started, ended),
        user.get("name"),
        user.get("email"),
        line.get("name"),
        line.get("digits"),
        call["raw_digits"],
        international(call["raw_digits"], call.get("country_code_a2") or line.get("country")),
        call.get("country_code_a2"),
        " ".join(filter(None, (contact.get("first_name"), contact.get("last_name")))) or None,
        contact.get("company_name"),
        ", ".join(team["name"] for team in call["teams"]) or None,
        ", ".join(tag["name"] for tag in call["tags"]) or None,
        "\n".join(comment["content"] for comment in call["comments"]) or None,
        (call["assigned_to"] or {}).get("name"),
        (call.get("transferred_by") or {}).get("name"),
        (call.get("transferred_to") or {}).get("name"),
        call["archived"],
        None if call["cost"] is None else float(call["cost"]),
        call["asset"],
        local and local.date(),
        local and local.hour,
        local and DAYS[local.weekday()],
    ]


def outcome(call: dict[str, Any]) -> str:
    """Say how the call ended."""
    if call["status"] != "done" and call["ended_at"] is None:
        return "in progress"
    if call["answered_at"] is not None:
        return "answered"
    if call["direction"] == "outbound":
        return "unanswered outbound"
    if call["voicemail"] or (call["asset"] or "").endswith("/voicemail"):
        return "voicemail"
    return "abandoned" if call["missed_call_reason"] in HUNG_UP else "missed"


def moment(seconds: int | None) -> datetime | None:
    """Return an instant."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def between(start: int | None, end: int | None) -> int | None:
    """Return the seconds between two moments."""
    return None if start is None or end is None else max(0, end - start)


def international(raw: str, country: str | None) -> str | None:
    """Return a number as + and digits, remembering those seen before."""
    if (raw, country) not in known_numbers:
        try:
            number = phonenumbers.parse(raw, None if raw.startswith("+") else country)
            text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        except phonenumbers.NumberParseException:
            text = None
        known_numbers[raw, country] = text
    return known_numbers[raw, country]


if __name__ == "__main__":
    main()
