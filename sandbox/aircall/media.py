"""Links to recordings: signed anew at every read, and worthless an hour later."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from itertools import count

LIFE_SECONDS = 3600
BUCKET = "https://production-pdx-000000000000-web.s3.us-west-2.amazonaws.com"
_SHORT = "https://short-urls.aircall.io/v1"


class MediaLinks:
    """Make and check signed links."""

    def __init__(self, company_id: int) -> None:
        self._folder = f"/companies/{company_id}/recordings"
        self._reads = count(1)

    def recording(self, call_id: int, token: str, now: int) -> str:
        """Return a fresh link to a recording."""
        return self._signed(f"{self._folder}/call-{call_id}-{token}.mp3", now)

    def voicemail(self, call_id: int, token: str, now: int) -> str:
        """Return a fresh link to a voicemail."""
        return self._signed(f"{self._folder}/call-{call_id}-{token}-voicemail.mp3", now)

    def short(self, token: str) -> str:
        """Return a short link, another one at each read."""
        read = f"{next(self._reads):012x}"
        return f"{_SHORT}/{token[:8]}-{token[8:12]}-4{token[13:16]}-a{token[17:20]}-{read}"

    def _signed(self, path: str, now: int) -> str:
        date = _date(now)
        nonce = f"INVENTED{next(self._reads)}"
        return (
            f"{BUCKET}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=INVENTED"
            f"&X-Amz-Date={date}&X-Amz-Expires={LIFE_SECONDS}&X-Amz-SignedHeaders=host"
            f"&X-Amz-Security-Token={nonce}&X-Amz-Signature={signature(path, date, nonce)}"
        )


def signature(path: str, date: str, nonce: str) -> str:
    """Return the signature of a link; the key is public, as nothing here is secret."""
    return blake2b(f"{path}{date}{nonce}".encode(), digest_size=32, key=b"invented").hexdigest()


def still_works(path: str, date: str, nonce: str, given: str, now: float) -> bool:
    """Say whether a link was signed here and is younger than an hour."""
    if given != signature(path, date, nonce):
        return False
    signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    return now < signed_at + LIFE_SECONDS


_dates: dict[int, str] = {}


def _date(now: int) -> str:
    text = _dates.get(now)
    if text is None:
        _dates.clear()
        text = _dates[now] = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    return text
