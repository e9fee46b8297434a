"""Which addresses we agree to call: a person gave them, and our network must not be their tool.

An address is checked in its form, then each of the IP addresses that its name has now; the request
goes to one of those, not to whatever the name says a moment later (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from callsheet.errors import AddressRefused, DeliveryFailed

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

LONGEST = 500
"""Characters of an address that we keep."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be called: `ip` is where its name was found when it was checked."""

    url: str
    host: str
    port: int
    ip: str


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host name. Raises DeliveryFailed when it has none now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DeliveryFailed("name not resolved") from None
    return [str(entry[4][0]) for entry in found]


def checked_form(url: str, *, on_this_machine: bool) -> str:
    """Return the address without blanks around it. Raises AddressRefused for its form.

    on_this_machine: the server is one person's own, so plain http to this machine is fine.
    """
    url = url.strip()
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused("form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("form") from None
    if not parts.hostname or port == 0 or parts.username is not None or parts.fragment:
        raise AddressRefused("host, credentials or fragment")
    is_local = on_this_machine and _is_loopback(parts.hostname)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise AddressRefused("scheme")
    return url


def checked(url: str, *, on_this_machine: bool, resolve: Resolve = resolve) -> Target:
    """Return where to send a request for this address.

    Raises AddressRefused if any of its IP addresses is not on the public internet (or, with
    `on_this_machine`, on this machine); DeliveryFailed when the name cannot be resolved now.
    """
    url = checked_form(url, on_this_machine=on_this_machine)
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = [ipaddress.ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    if not found:
        raise DeliveryFailed("name without an address")
    for ip in found:
        local = on_this_machine and ip.is_loopback
        if not local and (parts.scheme != "https" or not is_public(ip)):
            raise AddressRefused("not on the public internet")
    return Target(url, host, port, str(found[0]))


def is_public(ip: IpAddress) -> bool:
    """Say whether an address lies on the public internet, and whatever IPv4 it carries inside."""
    if ip.is_multicast or not ip.is_global:
        return False
    return all(inner.is_global and not inner.is_multicast for inner in _inside(ip))


def _inside(ip: IpAddress) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address stands for (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    inner = [one for one in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if one is not None]
    if ip in _NAT64:
        inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return inner


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
