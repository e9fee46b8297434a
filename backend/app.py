"""The Flask app: routes, the door in front of them, errors and headers."""

from __future__ import annotations

from flask import Flask

from backend import api, auth, errors, headers
from backend.routes import (
    connections,
    edit_proofs,
    estimates,
    events,
    flow_actions,
    flow_files,
    flows,
    health,
    metrics,
    notices,
    outside,
    overview,
    runs,
    schedules,
    sessions,
    sidebar,
)
from backend.services import Services, build_services
from callsheet.settings import Settings

BLUEPRINTS = (
    health.routes,
    metrics.routes,
    sessions.routes,
    overview.routes,
    edit_proofs.routes,
    connections.routes,
    estimates.routes,
    flows.routes,
    flow_actions.routes,
    flow_files.routes,
    schedules.routes,
    outside.routes,
    events.routes,
    notices.routes,
    runs.routes,
    sidebar.routes,
    api.document,
)
MAX_BODY_BYTES = 64 * 1024


def create_app(settings: Settings, services: Services | None = None) -> Flask:
    """Return the app.

    services: other parts than those that the settings describe, for tests. Raises ConfigError
    naming every setting that is missing.
    """
    services = services or build_services(settings)
    app = Flask("backend")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions["callsheet"] = services
    headers.register(app, settings)
    errors.register(app)
    auth.guard(app, services)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.check_document(app)
    return app
