"""The metrics, for who has the token of the settings."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from backend.auth import bearer
from backend.metrics import exposition
from backend.services import Services, current_services
from callsheet.errors import NotFound, NotSignedIn

routes = Blueprint("metrics", __name__)


@routes.get("/metrics")
def show() -> Response:
    """Return the metrics for Prometheus, to who has the token of the settings."""
    services = current_services()
    _check_scraper(services)
    accounts = services.service_accounts.known()
    text = exposition(services.redis, services.clock.now(), accounts)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _check_scraper(services: Services) -> None:
    """Raise unless the caller may see metrics; without a token only an own machine's may."""
    token = services.settings.metrics_token
    if token is None:
        if not services.settings.is_on_this_machine:
            raise NotFound("no metrics token", message="There is nothing at this address.")
    elif not hmac.compare_digest(bearer().encode(), token.get_secret_value().encode()):
        raise NotSignedIn("metrics token", message="This is not the token of the metrics.")
