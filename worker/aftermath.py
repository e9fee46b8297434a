"""What follows the end of a run: counters, freshness, notices, the flow's webhook, and the places
of the account's other flows when this one rests.

Nothing here can fail a run or hold it up: it writes small things to Redis, and what has to leave
the house leaves by jobs of its own.
"""

from __future__ import annotations

import logging

from redis import Redis
from redis.exceptions import RedisError

from callsheet.catalogue import entity_named
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.errors import CallsheetError
from callsheet.flows.labels import label_of
from callsheet.notice import notice_of, opened, recovered
from callsheet.run import Run, RunState
from callsheet.settings import Settings
from callsheet.store.counters import Counters
from callsheet.store.freshness import FreshnessStore
from callsheet.store.notices import NoticeStore
from callsheet.store.placing import place_again
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore
from worker.telling import Telling

log = logging.getLogger(__name__)


class Aftermath:
    """Called once for each run that is over."""

    def __init__(self, redis: Redis, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._counters = Counters(redis)
        self._freshness = FreshnessStore(redis)
        self._notices = NoticeStore(redis)
        self._webhooks = WebhookStore(redis, Vault(settings.sealing_keys))
        self._telling = Telling(redis, settings, clock)

    def after_run(self, run: Run, flow: DataFlow | None) -> None:
        """Do what follows.

        run: as it ended. flow: as that left it; None when it was removed meanwhile. Raises
        nothing: what cannot be done now is logged.
        """
        try:
            self._counters.run_ended(run)
            if flow is None:
                return
            if run.state is RunState.SUCCEEDED:
                self._well(run, flow)
            else:
                self._unwell(run, flow)
            if self._webhooks.exists(flow.id):
                self._telling.webhook(run)
            if flow.paused_because is not None and flow.schedule.step is not None:
                place_again(self._redis, flow.account, self._clock.now())  # there is room now
        except (RedisError, CallsheetError) as error:
            log.warning("aftermath_failed run_id=%s error=%s", run.id, type(error).__name__)

    def _well(self, run: Run, flow: DataFlow) -> None:
        now = self._clock.now()
        self._freshness.succeeded(flow, run.ended_at or now)
        notice = self._notices.close(flow.spreadsheet_id, flow.id)
        if notice is not None:
            log.info("notice_closed flow_id=%s kind=%s", flow.id, notice.kind)
            self._telling.tell(flow.spreadsheet_id, recovered(notice, now))

    def _unwell(self, run: Run, flow: DataFlow) -> None:
        notice = notice_of(
            run,
            label_of(flow, entity_named(flow.entity)),
            failures=flow.failures,
            is_scheduled=flow.schedule.step is not None,
            now=self._clock.now(),
        )
        if notice is not None and self._notices.open(notice):
            log.info("notice_opened flow_id=%s kind=%s", flow.id, notice.kind)
            self._telling.tell(flow.spreadsheet_id, opened(notice))
