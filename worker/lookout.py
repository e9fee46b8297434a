"""What the leading scheduler looks after beside schedules: messages, stale flows, digests."""

from __future__ import annotations

import logging
from datetime import datetime

from redis import Redis

from callsheet.catalogue import entity_named
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.digest import DAY, FlowDay, day_of, digest, next_digest
from callsheet.enqueue import enqueue_delivery
from callsheet.errors import NotFound
from callsheet.flows.labels import label_of
from callsheet.flows.telling import Telling
from callsheet.freshness import fresh_until
from callsheet.notice import opened, stale_notice
from callsheet.run import RunState
from callsheet.settings import Settings
from callsheet.store.deliveries import DeliveryStore
from callsheet.store.flows import FlowStore
from callsheet.store.freshness import FreshnessStore
from callsheet.store.notices import NoticeStore
from callsheet.store.runs import KEEP_PER_FLOW, RunStore
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault

log = logging.getLogger(__name__)


class Lookout:
    """One look at a time; cheap when nothing is due."""

    def __init__(self, redis: Redis, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._flows = FlowStore(redis)
        self._runs = RunStore(redis)
        self._freshness = FreshnessStore(redis)
        self._notices = NoticeStore(redis)
        self._deliveries = DeliveryStore(redis)
        self._subscriptions = SubscriptionStore(redis, Vault(settings.sealing_keys))
        self._telling = Telling(redis, settings, clock)

    def look(self) -> None:
        """Enqueue messages that are due, report flows that became stale, send due digests."""
        now = self._clock.now()
        for delivery in self._deliveries.due(now):
            enqueue_delivery(self._redis, delivery)
        for spreadsheet_id, flow_id in self._freshness.due(now):
            self._look_at(spreadsheet_id, flow_id)
        for spreadsheet_id in self._subscriptions.due_digests(now):
            self._digest(spreadsheet_id)

    def _look_at(self, spreadsheet_id: str, flow_id: str) -> None:
        now = self._clock.now()
        try:
            flow = self._flows.get(spreadsheet_id, flow_id)
        except NotFound:
            self._freshness.forget(spreadsheet_id, flow_id)
            return
        except ValueError:  # of a newer version, for example; looked at again once it is written
            log.error("flow_not_readable flow_id=%s", flow_id)
            self._freshness.forget(spreadsheet_id, flow_id)
            return
        until = fresh_until(flow, self._last_success(flow))
        if until is None:
            self._freshness.forget(spreadsheet_id, flow_id)
        elif until > now:
            self._freshness.look_again(spreadsheet_id, flow_id, until)
        else:
            log.warning("flow_stale flow_id=%s", flow_id)
            notice = stale_notice(
                spreadsheet_id, flow_id, label_of(flow, entity_named(flow.entity)), now
            )
            messages = self._telling.addressed(spreadsheet_id, opened(notice))
            if self._notices.open(notice, messages):
                self._telling.enqueue(messages)
            # Last: a scheduler that is killed before looks at the flow again.
            self._freshness.is_stale(spreadsheet_id, flow_id, until)

    def _last_success(self, flow: DataFlow) -> datetime:
        ended = (
            run.ended_at
            for run in self._runs.of_flow(flow.id, KEEP_PER_FLOW)
            if run.state is RunState.SUCCEEDED and run.ended_at is not None
        )
        return max(ended, default=flow.created_at)

    def _digest(self, spreadsheet_id: str) -> None:
        now = self._clock.now()
        zone = self._subscriptions.get(spreadsheet_id).digest_zone
        if zone is None:
            self._subscriptions.set_digest(spreadsheet_id, None, None)
            return
        days = [self._day(flow) for flow in self._flows.of_spreadsheet(spreadsheet_id)]
        text = digest(spreadsheet_id, days)
        messages = self._telling.addressed(spreadsheet_id, text, operators=False) if days else ()
        # Of two schedulers that both think they lead one sends it.
        if self._subscriptions.move_digest(spreadsheet_id, next_digest(zone, now), messages):
            self._telling.enqueue(messages)

    def _day(self, flow: DataFlow) -> FlowDay:
        notices = self._notices.of_spreadsheet(flow.spreadsheet_id)
        mine = next((one for one in notices if one.flow_id == flow.id), None)
        runs = self._runs.of_flow(flow.id, KEEP_PER_FLOW)
        return day_of(
            label_of(flow, entity_named(flow.entity)), runs, mine, self._clock.now() - DAY
        )
