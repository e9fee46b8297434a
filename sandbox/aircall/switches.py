"""Choices where nobody knows what the real API does, and the stand-in's own comforts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switches:
    """How the stand-in behaves where it may behave in two ways."""

    v1_users: str = "404"
    """What `GET /v1/users` does since its announced end: "404", "410", or "on"."""

    own_links: bool = False
    """Whether page links lead to the stand-in itself instead of to api.aircall.io."""
