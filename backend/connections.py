"""What happens to connections: checked with Aircall, saved sealed, renewed, removed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import Any

from backend.inputs import ConnectionChange, KeyBody
from backend.services import Services
from backend.session import Session
from callsheet.aircall.client import Company
from callsheet.connection import AircallKey, Connection, account_of
from callsheet.errors import InvalidRequest
from callsheet.flows.changing import pause_all, resume_all
from callsheet.store.budget import SharedBudget

DISCONNECTED = "Aircall is disconnected. Connect again to go on."

_WHATEVER_IS_LEFT = 1_000_000
"""A limit that no account has: the request has been sent already."""


def connect(services: Services, session: Session, body: KeyBody) -> Connection:
    """Check the key with Aircall, save it sealed and wake the flows that wait for it.

    The id follows from spreadsheet and company: whoever connects again finds the former imports.
    Raises CredentialsRejected, SourceUnavailable; InvalidRequest when the spreadsheet is connected
    to another company.
    """
    key = _key(services, body)
    company = _accepted(services, key)
    account = account_of(services.settings.aircall_api_url, company.name)
    existing = current(services, session.spreadsheet_id)
    if existing is not None:
        return _renew(services, existing, key, company)
    connection = Connection(
        id=_id(session.spreadsheet_id, account),
        spreadsheet_id=session.spreadsheet_id,
        account=account,
        company_name=company.name,
        api_id=key.api_id,
        created_at=services.clock.now(),
        created_by=session.user,
        service_account=writer_email(services, session.spreadsheet_id),
    )
    services.connections.save(connection, key.api_token)
    resume_all(services, connection)
    return connection


def rotate(services: Services, session: Session, connection_id: str, body: KeyBody) -> Connection:
    """Check another key of the same company and put it in the place of the former one.

    Raises as `connect`, and NotFound.
    """
    existing = services.connections.get(session.spreadsheet_id, connection_id)
    key = _key(services, body)
    return _renew(services, existing, key, _accepted(services, key))


def change(
    services: Services, session: Session, connection_id: str, body: ConnectionChange
) -> Connection:
    """Set how much of the company's request limit is ours; runs that begin later follow it.

    Raises NotFound.
    """
    changes: dict[str, Any] = {}
    if "requests_per_minute" in body.model_fields_set:
        changes["requests_per_minute"] = body.requests_per_minute
    if body.spare_share is not None:
        changes["spare_share"] = body.spare_share
    return services.connections.change(
        session.spreadsheet_id, connection_id, partial(replace, **changes)
    )


def disconnect(services: Services, session: Session, connection_id: str) -> None:
    """Forget the key and pause its flows; their tabs stay. Raises NotFound."""
    connection = services.connections.get(session.spreadsheet_id, connection_id)
    services.connections.remove(connection)
    pause_all(services, connection, DISCONNECTED)


def current(services: Services, spreadsheet_id: str) -> Connection | None:
    """Return the spreadsheet's connection, if it has one."""
    return next(iter(services.connections.of_spreadsheet(spreadsheet_id)), None)


def writer_email(services: Services, spreadsheet_id: str) -> str:
    """As `email_of`, of the connection that the spreadsheet has."""
    return email_of(services, spreadsheet_id, current(services, spreadsheet_id))


def email_of(services: Services, spreadsheet_id: str, connection: Connection | None) -> str:
    """Return the address that writes the spreadsheet: its connection's, if that has a key still.

    Else the one that its next connection is going to have.
    """
    pinned = None if connection is None else connection.service_account
    return services.service_accounts.email_for(spreadsheet_id, pinned)


def _renew(
    services: Services, existing: Connection, key: AircallKey, company: Company
) -> Connection:
    account = account_of(services.settings.aircall_api_url, company.name)
    # The same key with another account is a company that was renamed.
    if account != existing.account and key.api_id != existing.api_id:
        raise InvalidRequest(
            "key of another company",
            message=f"This key belongs to {company.name}, but this spreadsheet holds data of "
            f"{existing.company_name}. Disconnect first, or use another spreadsheet.",
        )
    renewed = services.connections.change(
        existing.spreadsheet_id,
        existing.id,
        partial(
            replace,
            account=account,
            company_name=company.name,
            api_id=key.api_id,
            service_account=writer_email(services, existing.spreadsheet_id),
        ),
        api_token=key.api_token,
    )
    resume_all(services, renewed)
    return renewed


def _accepted(services: Services, key: AircallKey) -> Company:
    """Ask Aircall about the key and count the request on its company's budget.

    Only the answer tells whose budget that is, so it is counted afterwards, whatever was left.
    """
    company = services.check_key(key)
    account = account_of(services.settings.aircall_api_url, company.name)
    SharedBudget(services.redis, account, _WHATEVER_IS_LEFT).take()
    return company


def _key(services: Services, body: KeyBody) -> AircallKey:
    if body.use_server_key:
        if services.server_key is None:
            raise InvalidRequest(
                message="This server has no Aircall key of its own. Enter an API ID and token."
            )
        return services.server_key
    token = body.api_token.get_secret_value() if body.api_token else ""
    return AircallKey(body.api_id or "", token)


def _id(spreadsheet_id: str, account: str) -> str:
    return hashlib.sha256(f"{spreadsheet_id}\n{account}".encode()).hexdigest()[:24]
