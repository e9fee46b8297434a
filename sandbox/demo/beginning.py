"""The spreadsheet that a visitor of the demo finds: their own, with something of theirs in it."""

from __future__ import annotations

import httpx

TITLE = "Support team report"
TIME_ZONE = "Europe/Paris"
LOCALE = "en_US"
WELCOME = (
    ("Welcome to the Callsheet demo",),
    ("",),
    ("1", "In the sidebar on the right, connect Aircall. The demo key is already filled in."),
    (
        "2",
        "Choose what to import and from which day, and press the button. Rows arrive in a new tab.",
    ),
    ("3", "New calls keep arriving at the Aircall stand-in. Refresh now brings them."),
    (
        "4",
        "Change things in the new tab: rename it, sort it, add a column with notes. Then refresh.",
    ),
    ("",),
    ("This tab is yours. Callsheet only ever writes to tabs that it made.",),
)


def user_token(sheets_url: str) -> str:
    """A token of the stand-in's user whose requests count apart from the service account's.

    People and their scripts do not use up the quota of Callsheet's Google Cloud project.
    """
    answer = httpx.post(
        f"{sheets_url}/_admin/tokens",
        json={"project": "the-users-own"},
        timeout=30,
        trust_env=False,
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def create_spreadsheet(sheets_url: str, access_token: str) -> str:
    """Create the spreadsheet as the stand-in's user; return its id."""
    with httpx.Client(
        base_url=sheets_url,
        headers={"Authorization": f"Bearer {access_token}"},
        timeout=30,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
    ) as client:
        rows = [
            {"values": [{"userEnteredValue": {"stringValue": text}} for text in row if text]}
            for row in WELCOME
        ]
        bold = {"textFormat": {"bold": True}}
        rows[0]["values"][0]["userEnteredFormat"] = bold  # type: ignore[assignment]
        made = client.post(
            "/v4/spreadsheets",
            json={
                "properties": {"title": TITLE, "timeZone": TIME_ZONE, "locale": LOCALE},
                "sheets": [
                    {
                        "properties": {"title": "Start here"},
                        "data": [
                            {
                                "rowData": rows,
                            }
                        ],
                    }
                ],
            },
        )
        made.raise_for_status()
        return str(made.json()["spreadsheetId"])
