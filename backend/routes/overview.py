"""All that the sidebar needs to open, in one answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint

from backend import connections, flows
from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.outputs import (
    CadenceOut,
    ConnectionOut,
    EntityColumnOut,
    EntityOut,
    LayoutOut,
    Overview,
    PresetOut,
    ServerKeyOut,
    SpreadsheetOut,
    TableOut,
    UserOut,
)
from backend.schedules import ScheduleOut
from backend.services import Services, current_services
from backend.session import Session
from callsheet.entity import Entity, Private, Reading
from callsheet.errors import EditNotProved
from callsheet.schedule import Cadence
from callsheet.schedule_text import rhythm
from callsheet.shaping import presets

routes = Blueprint("overview", __name__, url_prefix=PREFIX)

DEFAULT_DAYS = 30
_PRESET_LABELS = {
    "all": "All columns",
    "essential": "The essential columns",
    "private": "Without columns about people outside",
}


@routes.get("/overview")
@api.validate(resp=answers(401, 403, HTTP_200=Overview), tags=["overview"])
def show() -> Overview:
    """Show the spreadsheet, its connection and its data flows, and what can be imported.

    Once something is set up in the spreadsheet, only those who can edit it may see it.
    """
    services, session = current_services(), current_session()
    connection = connections.current(services, session.spreadsheet_id)
    known_flows = services.flows.of_spreadsheet(session.spreadsheet_id)
    proved = services.proofs.has_proved(session.user, session.spreadsheet_id)
    if (connection or known_flows) and not proved:
        raise EditNotProved("overview of a spreadsheet in use")
    key = services.server_key
    return Overview(
        spreadsheet=SpreadsheetOut(
            id=session.spreadsheet_id, title=session.title, time_zone=session.time_zone
        ),
        user=UserOut(email=session.email),
        session_expires_at=session.expires_at,
        service_account_email=services.service_account.email,
        edit_proved=proved,
        connection=None if connection is None else ConnectionOut.model_validate(connection),
        server_key=None if key is None else ServerKeyOut(api_id=key.api_id),
        requests_per_minute=services.settings.aircall_requests_per_minute,
        entities=_entities(services, session),
        cadences=[CadenceOut(name=one, label=rhythm(one).capitalize()) for one in Cadence],
        flows=[flows.flow_out(services, flow) for flow in known_flows],
    )


def _entities(services: Services, session: Session) -> list[EntityOut]:
    now = services.clock.now().astimezone(session.zone)
    return [_entity_out(entity, now) for entity in services.catalogue.values()]


def _entity_out(entity: Entity, now: datetime) -> EntityOut:
    dated = entity.has_start_date
    kept = entity.retention
    return EntityOut(
        name=entity.name,
        has_start_date=dated,
        default_since=(now - timedelta(days=DEFAULT_DAYS)).date() if dated else None,
        # The first whole day that the source still answers.
        earliest_since=(now - kept).date() + timedelta(days=1) if dated and kept else None,
        layouts=_layouts(entity),
        can_filter=entity.name == "calls",
        **dict(_table(entity)),
    )


def _table(table: Entity) -> TableOut:
    return TableOut(
        label=table.label,
        help=table.help,
        default_schedule=ScheduleOut.of(table.default_schedule),
        columns=[EntityColumnOut.model_validate(column) for column in table.columns],
        presets=[
            PresetOut(name=name, label=_PRESET_LABELS[name], columns=list(keys))
            for name, keys in presets(table).items()
        ],
        has_private=any(column.private is not Private.NO for column in table.columns),
        can_lose_records=table.reading in (Reading.LIST, Reading.WALK),
    )


def _layouts(entity: Entity) -> list[LayoutOut]:
    if not entity.layouts:
        return []
    tables = [(None, entity), *entity.layouts.items()]
    return [LayoutOut(name=name, **dict(_table(one))) for name, one in tables]
