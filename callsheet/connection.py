"""Connection: one saved Aircall sign-in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AircallKey:
    """An Aircall API key as its two parts; the token never shows in a repr."""

    api_id: str
    api_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """One saved Aircall sign-in of one spreadsheet; the token is kept apart, sealed.

    account: what the request budget is counted on: one value per Aircall company.
    api_id: the public half of the key.
    """

    id: str
    spreadsheet_id: str
    account: str
    company_name: str
    api_id: str
    created_at: datetime
    created_by: str
