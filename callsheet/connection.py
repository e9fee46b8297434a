"""Connection: one saved Aircall sign-in."""

from __future__ import annotations

import hashlib
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
    api_id: the public half of the key. service_account: the address that writes the spreadsheet,
    the same for as long as the connection lasts. requests_per_minute: what Aircall allows the
    account; None: the server's setting. spare_share: part of that, 0 to 0.9, left to the company's
    other integrations.
    """

    id: str
    spreadsheet_id: str
    account: str
    company_name: str
    api_id: str
    created_at: datetime
    created_by: str
    service_account: str
    requests_per_minute: int | None = None
    spare_share: float = 0.0

    def own_requests_per_minute(self, default: int) -> int:
        """Return what is left for us of the account's requests a minute; `default` is the setting.

        At least 1, as in the shared budget.
        """
        allowed = self.requests_per_minute or default
        return max(1, int(allowed * (1 - self.spare_share) + 1e-9))


def account_of(base_url: str, company_name: str) -> str:
    """Return what the request budget of a company is counted on.

    Aircall gives a company no id, so this is a hash of Aircall's address and the company's name.
    Two companies of the same name would share a budget, which is slow but safe; a company that
    is renamed gets a new one.
    """
    mark = hashlib.sha256(f"{base_url}\n{company_name}".encode()).hexdigest()
    return f"company:{mark[:32]}"
