"""How a run ends: with its flow's schedule, its notice, its webhook, and those who hear of it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace

from redis import Redis
from redis.exceptions import RedisError

from callsheet.catalogue import entity_named
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.errors import CallsheetError, LeaseLost
from callsheet.flows.context import Stores
from callsheet.flows.labels import label_of
from callsheet.flows.telling import Telling
from callsheet.notice import notice_after
from callsheet.run import Run, RunState, Trigger
from callsheet.settings import Settings
from callsheet.store.endings import EndingStore, Scene, Sequel
from callsheet.store.placing import place_again

log = logging.getLogger(__name__)


def as_it_is(flow: DataFlow) -> DataFlow:
    """Return the flow unchanged: what a run leaves that was cancelled."""
    return flow


class Endings:
    """Ends runs, for whoever has them: a job, or a person who cancels one that no job has."""

    def __init__(self, redis: Redis, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._endings = EndingStore(redis)
        self._telling = Telling(redis, settings, clock)

    def end(self, run: Run, owner: str, how: Callable[[DataFlow], DataFlow] = as_it_is) -> Run:
        """Write down that the run is over, with all that follows, and return it as it ended.

        how: what that makes of its flow; pure. Raises LeaseLost, and changes nothing, when the run
        is another job's by now.
        """
        run = replace(run, ended_at=self._clock.now())
        sequel = self._endings.end(run, owner, lambda scene: self._after(run, how, scene))
        self._telling.enqueue(sequel.messages)
        if sequel.flow is not None and sequel.flow.paused_because is not None:
            self._make_room(sequel.flow)
        return run

    def _make_room(self, flow: DataFlow) -> None:
        """Place the account's other flows, now that this one rests; missed once, it does no harm.

        The next flow that comes or goes has them placed again.
        """
        if flow.schedule.step is None:
            return
        try:
            place_again(self._redis, flow.account, self._clock.now())
        except (RedisError, CallsheetError) as error:
            log.warning("not_placed_again flow_id=%s error=%s", flow.id, type(error).__name__)

    def _after(self, run: Run, how: Callable[[DataFlow], DataFlow], scene: Scene) -> Sequel:
        if scene.flow is None:
            log.info("flow_removed_meanwhile")
            return Sequel(None, scene.notice)
        flow = how(scene.flow)
        notice, message = notice_after(
            run,
            scene.notice,
            label_of(flow, entity_named(flow.entity)),
            failures=flow.failures,
            is_scheduled=flow.schedule.step is not None,
            now=self._clock.now(),
        )
        messages = (
            [] if message is None else [*self._telling.addressed(flow.spreadsheet_id, message)]
        )
        if scene.has_webhook:
            messages.append(self._telling.posted(run))
        is_fresh = run.state is RunState.SUCCEEDED and run.trigger is not Trigger.UNDO
        return Sequel(flow, notice, is_fresh, tuple(messages))


def cancel(stores: Stores, run: Run) -> Run:
    """Cancel the run: at once if no job has it, else its job hears of it within a second.

    Returns the run as it is now. What it has written stays, and its tab is whole.
    """
    owner = secrets.token_hex(8)
    is_ours = stores.runs.cancel(run, owner)
    current = stores.runs.find(run.id) or run
    if not is_ours:
        return current
    endings = Endings(stores.redis, stores.settings, stores.clock)
    try:
        return endings.end(current.moved(RunState.CANCELLED), owner)
    except LeaseLost:  # we were slow; whoever has it now has heard of the wish
        return stores.runs.find(run.id) or current
