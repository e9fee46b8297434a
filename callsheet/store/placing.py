"""Placing the flows of one Aircall account so that their slots do not collide, and moving those of
one spreadsheet to another clock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from redis import Redis
from redis.exceptions import LockError

from callsheet.cadence import in_zone, moved
from callsheet.data_flow import DataFlow
from callsheet.errors import NotFound
from callsheet.schedule import zone_named
from callsheet.stagger import Claim, place
from callsheet.store import keys
from callsheet.store.flows import FlowStore

log = logging.getLogger(__name__)

_LOCK_SECONDS = 10


def place_again(redis: Redis, account: str, now: datetime) -> None:
    """Give every scheduled flow of the account its place; those that lie well stay.

    To be called after a flow was made, changed, paused, resumed or removed. Whoever comes while
    another is at it waits: the last one sees all flows.
    """
    flows = FlowStore(redis)
    lock = redis.lock(
        keys.account_placing(account), timeout=_LOCK_SECONDS, blocking_timeout=_LOCK_SECONDS
    )
    try:
        with lock:
            _place(flows, account, now)
    except LockError:  # another one took too long: what comes next places all of them again
        log.warning("flows_not_placed")


def follow_zone(redis: Redis, spreadsheet_id: str, zone: str, now: datetime) -> None:
    """Plan the spreadsheet's flows anew where its time zone, an IANA name, has changed."""
    store = FlowStore(redis)
    flows = [flow for flow in store.of_spreadsheet(spreadsheet_id) if flow.zone != zone]
    for flow in flows:
        _change(store, flow, partial(in_zone, zone=zone, now=now))
    if flows:
        log.info("zone_followed zone=%s flows=%d", zone, len(flows))
    for account in {flow.account for flow in flows}:
        place_again(redis, account, now)


def _place(flows: FlowStore, account: str, now: datetime) -> None:
    found = flows.of_account(account)
    offsets = place([claim_of(flow) for flow in found], account, now)
    for flow in found:
        offset = offsets.get(flow.id)
        if offset is not None and offset != flow.offset:
            _change(flows, flow, partial(moved, offset=offset, now=now))


def _change(flows: FlowStore, flow: DataFlow, how: Callable[[DataFlow], DataFlow]) -> None:
    try:
        flows.change(flow.spreadsheet_id, flow.id, how)
    except NotFound:
        log.info("flow_removed_meanwhile flow_id=%s", flow.id)


def claim_of(flow: DataFlow) -> Claim:
    """Return what the flow needs of the account's time."""
    return Claim(flow.id, flow.schedule, zone_named(flow.zone), flow.offset)
