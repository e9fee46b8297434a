"""Security headers, and who may frame the page."""

from __future__ import annotations

from flask import Flask, Response, request

from backend.api import PREFIX
from callsheet.settings import Settings

_GOOGLE_FRAMES = (
    "https://docs.google.com",
    "https://*.googleusercontent.com",
    "https://script.google.com",
)
_ONE_YEAR = 365 * 24 * 3600


def content_security_policy(settings: Settings) -> str:
    """Return the policy: our own scripts and styles only, framed by Google's pages only."""
    ancestors = " ".join((*_GOOGLE_FRAMES, *settings.frame_ancestors))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
        )
    )


def register(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer.

    There is no X-Frame-Options on purpose: it cannot name several origins, and would keep the
    page out of Google's sidebar.
    """
    fixed = {
        "Content-Security-Policy": content_security_policy(settings),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.public_url.startswith("https://"):
        fixed["Strict-Transport-Security"] = f"max-age={_ONE_YEAR}; includeSubDomains"

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(fixed)
        if request.path.startswith(PREFIX):
            response.headers["Cache-Control"] = "no-store"
        return response
