"""The session of a sidebar: a short-lived signed statement of who acts on which spreadsheet."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from itsdangerous import BadData, URLSafeSerializer

from callsheet.clock import Clock
from callsheet.errors import NotSignedIn
from callsheet.schedule import zone_named
from callsheet.settings import Settings

LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Who acts on which spreadsheet.

    user: Google's id of the person. time_zone: an IANA name. expires: UNIX seconds.
    """

    user: str
    email: str
    spreadsheet_id: str
    title: str
    time_zone: str
    expires: int

    @property
    def expires_at(self) -> datetime:
        """When the session ends, in UTC."""
        return datetime.fromtimestamp(self.expires, UTC)

    @property
    def zone(self) -> ZoneInfo:
        """The spreadsheet's time zone."""
        return ZoneInfo(self.time_zone)


class SessionSigner:
    """Makes and reads the session's text. It is signed, not encrypted: it holds no secret."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Take the signing key from the settings. Raises ConfigError without one."""
        settings.require("session_key")
        key = settings.session_key.get_secret_value() if settings.session_key else ""
        self._clock = clock
        self._serializer = URLSafeSerializer(
            key, salt="callsheet.session.v1", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def issue(
        self, user: str, email: str, spreadsheet_id: str, title: str, time_zone: str
    ) -> tuple[str, Session]:
        """Return a new session, as text and as value, good for one hour."""
        expires = int((self._clock.now() + LIFETIME).timestamp())
        session = Session(user, email, spreadsheet_id, title, time_zone, expires)
        return str(self._serializer.dumps(asdict(session))), session

    def read(self, text: str) -> Session:
        """Return the session. Raises NotSignedIn when it is not ours or has ended."""
        try:
            session = Session(**self._serializer.loads(text))
        except (BadData, TypeError):
            raise NotSignedIn("session refused") from None
        if session.expires_at <= self._clock.now():
            raise NotSignedIn("session ended")
        return session


def known_zone(name: str | None) -> str:
    """Return the time zone's name, UTC where none is given. Raises InvalidRequest if unknown."""
    return zone_named(name or "Etc/UTC").key
