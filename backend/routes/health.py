"""Whether the process and what it needs are there."""

from __future__ import annotations

from flask import Blueprint
from pydantic import BaseModel

from backend.api import PUBLIC, answers, api
from backend.services import current_services
from callsheet.errors import NotReady
from callsheet.store.gauges import Gauges

routes = Blueprint("health", __name__)


class HealthOut(BaseModel):
    """The process, or what it needs, is there."""

    status: str


@routes.get("/healthz")
@api.validate(resp=answers(HTTP_200=HealthOut), security=PUBLIC, tags=["health"])
def healthz() -> HealthOut:
    """Say that the process answers."""
    return HealthOut(status="ok")


@routes.get("/readyz")
@api.validate(resp=answers(HTTP_200=HealthOut), security=PUBLIC, tags=["health"])
def readyz() -> HealthOut:
    """Say that Redis answers, a scheduler leads and a worker is alive; 503 says which does not."""
    services = current_services()
    gauges = Gauges(services.redis)
    missing = []
    if not gauges.has_leader():
        missing.append("no scheduler leads")
    if gauges.workers(services.clock.now()) == 0:
        missing.append("no worker is alive")
    if missing:
        raise NotReady(
            ", ".join(missing),
            message=f"Not ready: {' and '.join(missing)}. Start what is missing with "
            "`callsheet run`, or `callsheet scheduler` and `callsheet worker`.",
        )
    return HealthOut(status="ok")
