"""What checks the certificates of https, made once: reading the roots takes long."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def tls_context() -> ssl.SSLContext:
    """Return the context that httpx would make for each client."""
    return httpx.create_ssl_context()
