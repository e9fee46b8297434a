"""What a WSGI server loads: `backend.wsgi:app`."""

from __future__ import annotations

from backend.app import create_app
from callsheet import log
from callsheet.settings import Settings

_settings = Settings.load()
log.configure(_settings.log_level)
app = create_app(_settings)
