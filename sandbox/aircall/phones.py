"""Telephone numbers of the invented world, all from ranges kept for fiction."""

from __future__ import annotations

from typing import NamedTuple

_US_AREAS = ("202", "212", "312", "415", "512", "617", "702", "808")


class Phone(NamedTuple):
    """One number: as a call shows it, and the country it belongs to."""

    shown: str
    country: str

    @property
    def compact(self) -> str:
        """Return the form contacts use: a plus and digits."""
        return "+" + "".join(c for c in self.shown if c.isdigit())


def us(number: int) -> Phone:
    """Return a North American number: 555-01xx is fiction under every area code."""
    area = _US_AREAS[number // 100 % len(_US_AREAS)]
    return Phone(f"+1 {area}-555-01{number % 100:02d}", "US")


def gb(number: int) -> Phone:
    """Return a British number, London or mobile."""
    if number % 2:
        return Phone(f"+44 7700 900{number // 2 % 1000:03d}", "GB")
    return Phone(f"+44 20 7946 0{number // 2 % 1000:03d}", "GB")


def fr(number: int) -> Phone:
    """Return a French number, Paris or mobile."""
    high, low = number // 2 % 100, number // 200 % 100
    if number % 2:
        return Phone(f"+33 6 39 98 {high:02d} {low:02d}", "FR")
    return Phone(f"+33 1 99 00 {high:02d} {low:02d}", "FR")


def de(number: int) -> Phone:
    """Return a Berlin number."""
    return Phone(f"+49 30 23125 {number % 1000:03d}", "DE")


def au(number: int) -> Phone:
    """Return a Sydney number."""
    return Phone(f"+61 2 5550 {number % 10000:04d}", "AU")


DIALLING = {"US": us, "GB": gb, "FR": fr, "DE": de, "AU": au}


def phone_in(country: str, number: int) -> Phone:
    """Return a fictional number of a country."""
    return DIALLING[country](number)
