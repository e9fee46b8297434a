"""The greetings of a line: sparse in the list of numbers, filled with defaults inside a call."""

from __future__ import annotations

from hashlib import sha1

from sandbox.aircall.records import Record

_MEDIA = "https://media-web.aircall.io"
_VOICES = {"en": "Joanna", "fr": "Celine", "de": "Vicki"}
_KEYS = (
    "welcome", "waiting", "ivr", "voicemail", "closed", "callback_later", "unanswered_call",
    "after_hours", "ringing_tone",
)  # fmt: skip
_SET_IN_LIST = ("waiting", "closed", "callback_later", "unanswered_call")


def default_messages(language: str, country: str) -> Record:
    """Return the greetings as a call shows them: a URL under every key."""
    return {key: _url(key, language, country) for key in _KEYS}


def listed_messages(language: str, country: str) -> Record:
    """Return the greetings as the list of numbers shows them: null where nobody chose one."""
    full = default_messages(language, country)
    return {key: full[key] if key in _SET_IN_LIST else None for key in _KEYS}


def _url(key: str, language: str, country: str) -> str:
    if key == "waiting":
        return f"{_MEDIA}/tracks/library/invented-waiting-tune.mp3"
    if key == "ringing_tone":
        return f"{_MEDIA}/tracks/ringing_tones/{country}.mp3"
    name = sha1(f"{language}:{key}".encode(), usedforsecurity=False).hexdigest()
    folder = "tts" if key in ("ivr", "callback_later") else "tracks/tts"
    voice = _VOICES.get(language, "Joanna")
    return f"{_MEDIA}/{folder}/languages/{language}/voices/{voice}/{name}.mp3"
