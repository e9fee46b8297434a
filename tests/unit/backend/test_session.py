"""The session's text: signed, ended by the clock, bound to the key."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from itsdangerous import URLSafeSerializer

from backend.session import SessionSigner, known_zone
from callsheet.errors import ConfigError, InvalidRequest, NotSignedIn
from callsheet.settings import Settings


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def signer(clock: Clock, key: str = "a" * 32) -> SessionSigner:
    return SessionSigner(Settings(_env_file=None, session_key=key), clock)


def test_a_session_reads_back_as_it_was() -> None:
    clock = Clock()

    text, session = signer(clock).issue("1", "a@example.com", "s", "Töchter & Söhne", "Asia/Tokyo")

    assert signer(clock).read(text) == session
    assert session.expires_at == clock.now() + timedelta(hours=1)
    assert str(session.zone) == "Asia/Tokyo"


def test_a_session_of_another_version_is_refused_and_no_fault() -> None:
    clock = Clock()
    ours = signer(clock)
    theirs = URLSafeSerializer(
        "a" * 32, salt="callsheet.session.v1", signer_kwargs={"digest_method": hashlib.sha256}
    )
    fields = asdict(session := ours.issue("1", "a@example.com", "s", "", "UTC")[1])

    assert ours.read(theirs.dumps(fields)) == session
    for others in ({**fields, "role": "admin"}, {"user": "1"}, ["1"], None):
        with pytest.raises(NotSignedIn):
            ours.read(theirs.dumps(others))


def test_a_session_of_another_key_or_time_is_refused() -> None:
    clock = Clock()
    text, _ = signer(clock).issue("1", "a@example.com", "s", "", "UTC")

    with pytest.raises(NotSignedIn):
        signer(clock, "b" * 32).read(text)
    clock.sleep(3600)
    with pytest.raises(NotSignedIn):
        signer(clock).read(text)


def test_no_key_no_sessions() -> None:
    with pytest.raises(ConfigError, match="CALLSHEET_SESSION_KEY"):
        SessionSigner(Settings(_env_file=None), Clock())


@pytest.mark.parametrize(
    ("name", "zone"), [("Europe/Paris", "Europe/Paris"), (None, "Etc/UTC"), ("", "Etc/UTC")]
)
def test_a_zone_is_kept_and_none_means_utc(name: str | None, zone: str) -> None:
    assert known_zone(name) == zone


@pytest.mark.parametrize("name", ["No/Such", "../../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="not a time zone"):
        known_zone(name)
