"""Open notices of the spreadsheet's data flows, and who hears of them."""

from __future__ import annotations

from flask import Blueprint

from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.outside import NoticeSettingsBody, NoticeSettingsOut
from backend.services import Services, current_services
from backend.session import Session
from callsheet.digest import next_digest
from callsheet.flows.outside import checked_url

routes = Blueprint("notices", __name__, url_prefix=PREFIX)


@routes.delete("/notices/<flow_id>")
@api.validate(resp=answers(401, 403, HTTP_204=None), tags=["notices"])
def dismiss(flow_id: str) -> tuple[str, int]:
    """Take the notice of a data flow out of sight; its end is told all the same."""
    services, session = current_services(), current_session()
    services.outside.notices.dismiss(session.spreadsheet_id, flow_id)
    return "", 204


@routes.get("/notice-settings")
@api.validate(resp=answers(401, 403, HTTP_200=NoticeSettingsOut), tags=["notices"])
def show_settings() -> NoticeSettingsOut:
    """Show who hears of this spreadsheet's notices."""
    return _settings(current_services(), current_session())


@routes.patch("/notice-settings")
@api.validate(resp=answers(401, 403, 422, HTTP_200=NoticeSettingsOut), tags=["notices"])
def change_settings(json: NoticeSettingsBody) -> NoticeSettingsOut:
    """Change who hears of notices; an e-mail goes only to your own address."""
    services, session = current_services(), current_session()
    home, subscriptions = session.spreadsheet_id, services.outside.subscriptions
    if json.slack_url is not None:
        is_given = json.slack_url.get_secret_value().strip() != ""
        url = checked_url(services.settings, json.slack_url) if is_given else None
        subscriptions.set_slack(home, url)
    if json.email_me is not None:
        subscriptions.set_mail(home, session.user, session.email if json.email_me else None)
    if json.digest is not None:
        zone = session.time_zone if json.digest else None
        first = None if zone is None else next_digest(zone, services.clock.now())
        subscriptions.set_digest(home, zone, first)
    return _settings(services, session)


def _settings(services: Services, session: Session) -> NoticeSettingsOut:
    known = services.outside.subscriptions.get(session.spreadsheet_id)
    return NoticeSettingsOut(
        can_email=services.settings.smtp_host is not None,
        email_me=session.user in known.emails,
        others=len(set(known.emails) - {session.user}),
        has_slack=known.has_slack,
        digest=known.digest_zone is not None,
    )
