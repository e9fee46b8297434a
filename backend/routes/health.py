"""Whether the process and its store are there."""

from __future__ import annotations

from flask import Blueprint
from pydantic import BaseModel

from backend.api import PUBLIC, answers, api
from backend.services import current_services

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
    """Say that Redis answers too; 503 when it does not."""
    current_services().redis.ping()
    return HealthOut(status="ok")
