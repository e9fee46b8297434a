"""Clock, arrivals, limits, switches, keys, faults and the request log."""

from __future__ import annotations

import re
from dataclasses import asdict, replace

from flask import Response, request

from sandbox.aircall.access import HOME, Key
from sandbox.aircall.admin.panel import admin, told
from sandbox.aircall.context import body_of_request, company, refused, site, world
from sandbox.aircall.records import Record


@admin.get("/state")
def state() -> Response:
    """Tell how the stand-in is set."""
    here = world()
    now = here.now()
    return told(
        {
            "company": here.directory.company,
            "clock": _clock(),
            "calls_visible": here.window(None, None, now).total,
            "calls_visible_from": here.oldest(now),
            "plan": asdict(here.plan),
            "limits": asdict(company().limiter.settings),
            "switches": asdict(site().switches),
            "companies": list(site().companies),
        }
    )


@admin.get("/clock")
def get_clock() -> Response:
    """Tell the world's time."""
    return told(_clock())


@admin.post("/clock")
def set_clock() -> Response:
    """Advance, freeze or resume the world's time."""
    clock, sent = site().clock, body_of_request()
    if sent.get("resume"):
        clock.resume()
    freeze = sent.get("freeze")
    if freeze is not None and freeze is not False:
        clock.freeze(None if freeze is True else float(freeze))
    clock.advance(float(sent.get("advance", 0)))
    return told(_clock())


@admin.put("/arrivals")
def set_arrivals() -> Response:
    """Let calls arrive at another rate; 0 stops them."""
    rate = float(body_of_request().get("per_minute", 0))
    world().set_arrivals(rate)
    return told({"per_minute": rate})


@admin.get("/limits")
def get_limits() -> Response:
    """Tell the request limit."""
    return told(asdict(company().limiter.settings))


@admin.put("/limits")
def set_limits() -> Response:
    """Change the request limit and start with a fresh minute."""
    limiter = company().limiter
    limiter.settings = replace(limiter.settings, **_known(limiter.settings, body_of_request()))
    limiter.forget()
    return told(asdict(limiter.settings))


@admin.put("/switches")
def set_switches() -> Response:
    """Choose between behaviours where the real one is unknown."""
    here = site()
    here.switches = replace(here.switches, **_known(here.switches, body_of_request()))
    return told(asdict(here.switches))


@admin.get("/keys")
def list_keys() -> Response:
    """List the key pairs."""
    return told({"keys": [asdict(key) for key in site().keys.all()]})


@admin.post("/keys")
def add_key() -> Response:
    """Accept another key pair, of this company or of another one."""
    sent = body_of_request()
    place = len(site().keys.all()) + 1
    key = Key(
        sent.get("api_id", f"api-id-{place}"),
        sent.get("api_token", f"api-token-{place}"),
        sent.get("company", HOME),
    )
    site().company(key.company)
    site().keys.add(key)
    return told(asdict(key), 201)


@admin.delete("/keys/<api_id>")
def revoke_key(api_id: str) -> Response:
    """Stop accepting a key pair: it gets 403 from now on."""
    if not site().keys.revoke(api_id):
        return refused(404, "Not Found", f"No key {api_id}")
    return told({"revoked": api_id})


@admin.get("/faults")
def list_faults() -> Response:
    """List the fault rules, with how often they struck."""
    return told({"faults": [rule.as_record() for rule in site().faults.rules()]})


@admin.post("/faults")
def add_fault() -> Response:
    """Put a fault rule in force."""
    return told(site().faults.add(body_of_request()).as_record(), 201)


@admin.delete("/faults")
def clear_faults() -> Response:
    """Lift all fault rules."""
    site().faults.clear()
    return told({"faults": []})


@admin.get("/requests")
def list_requests() -> Response:
    """List the requests, all or those whose path matches `path`, with counts."""
    log, pattern = site().log, re.compile(request.args.get("path", "."))
    entries = [entry.as_record() for entry in log.entries() if pattern.search(entry.path)]
    return told({"summary": log.summary(), "requests": entries})


@admin.get("/requests/summary")
def count_requests() -> Response:
    """Count the requests by path and status, and find the fullest minute."""
    return told(site().log.summary())


@admin.delete("/requests")
def forget_requests() -> Response:
    """Empty the request log."""
    site().log.clear()
    return told(site().log.summary())


def _clock() -> Record:
    clock = site().clock
    return {"now": clock.now(), "frozen": clock.is_frozen}


def _known(settings: object, sent: Record) -> Record:
    names = set(type(settings).__slots__)  # type: ignore[attr-defined]
    return {key: value for key, value in sent.items() if key in names}
