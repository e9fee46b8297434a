"""Which addresses we agree to call."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.errors import AddressRefused, DeliveryFailed
from callsheet.outgoing.address import checked, checked_form, is_public, resolve

PUBLIC = "93.184.215.14"


def _at(*ips: str):  # type: ignore[no-untyped-def]
    return lambda _host, _port: ips


def test_an_https_address_on_the_internet_is_pinned_to_where_its_name_was_found() -> None:
    target = checked(" https://hooks.example.com/x ", on_this_machine=False, resolve=_at(PUBLIC))

    assert (target.url, target.host) == ("https://hooks.example.com/x", "hooks.example.com")
    assert (target.ip, target.port) == (PUBLIC, 443)


@pytest.mark.parametrize(
    "ip",
    [
        *("10.0.0.1", "172.16.0.9", "192.168.1.1", "127.0.0.1", "0.0.0.0"),  # noqa: S104
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::f5ff:fffe"),
    ],
)
def test_no_address_inside_a_network_is_called_and_one_bad_one_is_enough(ip: str) -> None:
    with pytest.raises(AddressRefused):
        checked("https://evil.example/", on_this_machine=False, resolve=_at(PUBLIC, ip))


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.example.com/", "ftp://hooks.example.com/", "hooks.example.com", ""),
        *("https://", "https://user:secret@hooks.example.com/", "https://@hooks.example.com/"),
        *("https://hooks.example.com/#x", "https://hooks.example.com:99999/", "https://a b/"),
        *("https://hooks.example.com:0/", "https://[::1", "https://exämple.com/", "file:///x"),
        "https://hooks.example.com/" + "x" * 500,
        "https://hooks.example.com/\r\nX: y",
        "http://127.0.0.1/",
    ],
)
def test_addresses_of_another_form_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked_form(url, on_this_machine=False)


def test_only_a_server_of_this_machine_calls_this_machine() -> None:
    local = checked("http://127.0.0.1:8123/x", on_this_machine=True)

    assert (local.ip, local.port) == ("127.0.0.1", 8123)
    with pytest.raises(AddressRefused):
        checked("http://internal.example/", on_this_machine=True, resolve=_at("127.0.0.1"))
    with pytest.raises(AddressRefused):
        checked("https://internal.example/", on_this_machine=True, resolve=_at("10.0.0.1"))
    with pytest.raises(AddressRefused):
        checked("https://localhost/", on_this_machine=False)


def test_a_name_that_is_not_known_now_may_be_tried_again() -> None:
    with pytest.raises(DeliveryFailed):
        resolve("no-such-host.invalid", 443)
    with pytest.raises(DeliveryFailed):
        checked("https://hooks.example.com/", on_this_machine=False, resolve=_at())


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_disguise(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    disguises = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
    ]

    for disguise in disguises:
        assert not is_public(disguise) or is_public(ip)
