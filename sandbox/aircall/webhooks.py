"""Webhook documents: the ones a company starts with, and new ones."""

from __future__ import annotations

from hashlib import blake2b

from sandbox.aircall.records import API, Record, iso

MAX_WEBHOOKS = 100
_FIRST = (
    (61_840_277, "https://example.com/aircall/calls", True, ["call.ended", "call.tagged"]),
    (9_120_045, "https://example.com/aircall/people", True, ["user.opened.v2", "contact.updated"]),
    (73_310_586, "https://example.com/old", False, ["number.created"]),
)


def webhook_records(born: int) -> list[Record]:
    """Return the webhooks a company starts with."""
    return [
        webhook_record(
            hook_id, url, events, born - (60 - place * 9) * 86_400 + 0.204, active=active
        )
        for place, (hook_id, url, active, events) in enumerate(_FIRST)
    ]


def webhook_record(
    hook_id: int, url: str, events: list[str], created: float, *, active: bool = True
) -> Record:
    """Return the document of a webhook."""
    token = blake2b(f"{hook_id}{url}".encode(), digest_size=16).hexdigest()
    uuid = f"{token[:8]}-{token[8:12]}-4{token[13:16]}-a{token[17:20]}-{token[20:]}"
    return {
        "id": hook_id,
        "direct_link": f"{API}/v1/webhooks/{uuid}",
        "url": url,
        "active": active,
        "events": events,
        # Tokens are plainly invented: zeros and the id, as in the samples.
        "token": f"{hook_id:032d}",
        "created_at": iso(created),
        "webhook_id": uuid,
    }
