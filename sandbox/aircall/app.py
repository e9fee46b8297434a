"""Assemble the stand-in's Flask app."""

from __future__ import annotations

from flask import Flask, Response

from sandbox.aircall import guard
from sandbox.aircall.admin import changes, control, deliveries, truth
from sandbox.aircall.admin.panel import admin
from sandbox.aircall.context import EXTENSION, answer
from sandbox.aircall.routes.account import account, media
from sandbox.aircall.routes.calls import calls
from sandbox.aircall.routes.contacts import contacts
from sandbox.aircall.routes.lines import lines
from sandbox.aircall.routes.people import people
from sandbox.aircall.routes.tags import tags
from sandbox.aircall.routes.webhooks import webhooks
from sandbox.aircall.site import Site

# The admin endpoints are spread over modules that add themselves to one blueprint.
_ADMIN_PARTS = (changes, control, deliveries, truth)
_NOUNS = (admin, account, media, calls, contacts, lines, people, tags, webhooks)


def create_app(site: Site) -> Flask:
    """Return the app that serves a site."""
    app = guard.GuardedApp("aircall-stand-in", static_folder=None)
    app.extensions[EXTENSION] = site
    guard.install(app)
    app.add_url_rule("/", "root", _root)
    for noun in _NOUNS:
        app.register_blueprint(noun)
    return app


def _root() -> Response:
    return answer('{"documentation":"https://developer.aircall.io","support":"support@aircall.io"}')
