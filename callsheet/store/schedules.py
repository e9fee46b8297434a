"""When each data flow is due, and how what is due is handed over: no slot twice, none lost.

The due set says for each scheduled flow when its next refresh is; nothing else does. The leader
reads what is due, works out each flow's next slot, and hands many slots over in one script, whole
or not at all: while it still leads, each slot whose time in the due set is unchanged moves its flow
on and starts a run named after flow and slot. Whoever is killed at any moment has handed a slot
over, or left it due.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from redis import Redis

from callsheet.data_flow import DataFlow
from callsheet.run import Run
from callsheet.store import codec, keys
from callsheet.store.client import text_of
from callsheet.store.leader import LEASE_SECONDS
from callsheet.store.run_scripts import PRELUDE, START_ALL
from callsheet.store.runs import KEEP, seconds_of, to_start

log = logging.getLogger(__name__)

# ARGV: the leader's mark, milliseconds of its lease, when the runs are created, seconds to keep
# them, then for each slot: its time (seconds), its flow's next time or '', and five about the run
# as `start_all` takes them. Answers how many of the flows were still due then, and which slots
# (from 0) have a new run; nothing when another process leads. Prolongs the lease: a long tick is a
# sign of life.
_HAND_OVER = (
    PRELUDE
    + START_ALL
    + f"""
local LEASE, DUE = '{keys.SCHEDULER_LEASE}', '{keys.DUE_FLOWS}'
if redis.call('GET', LEASE) ~= ARGV[1] then return nil end
redis.call('PEXPIRE', LEASE, ARGV[2])
local flows, ended, moved, runs, numbers, started = {{}}, {{}}, {{}}, {{}}, {{}}, {{}}
for at = 5, #ARGV, 7 do flows[#flows + 1] = ARGV[at + 3] end
for n, due in ipairs(redis.call('ZMSCORE', DUE, unpack(flows))) do
  local at = 7 * n - 2
  if due and tonumber(due) == tonumber(ARGV[at]) then
    numbers[#numbers + 1] = n - 1
    for i = at + 2, at + 6 do runs[#runs + 1] = ARGV[i] end
    if ARGV[at + 1] == '' then
      ended[#ended + 1] = flows[n]
    else
      moved[#moved + 1], moved[#moved + 2] = ARGV[at + 1], flows[n]
    end
  end
end
if #numbers == 0 then return {{0, started}} end
if #ended > 0 then redis.call('ZREM', DUE, unpack(ended)) end
if #moved > 0 then redis.call('ZADD', DUE, unpack(moved)) end
for i, found in ipairs(start_all(runs, ARGV[3], ARGV[4])) do
  if found == 1 then started[#started + 1] = numbers[i] end
end
return {{#numbers, started}}
"""
)

# ARGV: a time (seconds), flow ids. Lets those be due no more that are not there, and the others
# not before then.
_SET_ASIDE = f"""
for n = 2, #ARGV do
  if redis.call('EXISTS', '{keys.flow("")}' .. ARGV[n]) == 0 then
    redis.call('ZREM', '{keys.DUE_FLOWS}', ARGV[n])
  else
    redis.call('ZADD', '{keys.DUE_FLOWS}', 'XX', 'GT', ARGV[1], ARGV[n])
  end
end
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """One time at which a flow comes due."""

    flow_id: str
    at: datetime

    @property
    def name(self) -> str:
        """`<flow>_<UNIX seconds>`: the id of the run that belongs to it."""
        return f"{self.flow_id}_{_score(self.at)}"


@dataclass(frozen=True, slots=True)
class Handover:
    """A slot that has come, with the flow's next one and the run to start, named after the slot."""

    slot: Slot
    following: datetime | None
    run: Run


class ScheduleStore:
    """The due set."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._hand_over = redis.register_script(_HAND_OVER)
        self._set_aside = redis.register_script(_SET_ASIDE)

    def due(self, now: datetime, limit: int) -> list[Slot]:
        """Return slots that have come, the longest due first."""
        raw = self._redis.zrange(
            keys.DUE_FLOWS, "-inf", _score(now), byscore=True, offset=0, num=limit, withscores=True
        )
        return [Slot(text_of(flow_id), _moment(score)) for flow_id, score in cast(Any, raw)]

    def flows_of(self, slots: Sequence[Slot]) -> list[DataFlow | None]:
        """Return the flow of each slot, as it is stored; None for one that is gone, or that this
        version cannot read.
        """
        if not slots:
            return []
        texts = cast(Any, self._redis.mget([keys.flow(slot.flow_id) for slot in slots]))
        return [
            None if text is None else _readable(slot.flow_id, text)
            for slot, text in zip(slots, texts, strict=True)
        ]

    def hand_over(
        self, mark: str, handovers: Sequence[Handover], now: datetime
    ) -> tuple[int, list[Run]] | None:
        """Move each flow on and start its run, all at once.

        mark: the leader's, see Leadership. Passes over slots whose flow is not due then any more.
        Returns the number of all others, and the runs that are new: a slot that comes while a run
        of its flow is active is covered by that one. None when the mark does not lead any more.
        """
        if not handovers:
            return 0, []
        about: list[Any] = [mark, int(LEASE_SECONDS * 1000), now.timestamp(), seconds_of(KEEP)]
        for one in handovers:
            following = "" if one.following is None else _score(one.following)
            about += [_score(one.slot.at), following, *to_start(one.run)]
        answer = cast(Any, self._hand_over(args=about))
        return None if answer is None else (answer[0], [handovers[n].run for n in answer[1]])

    def set_aside(self, flow_ids: Sequence[str], until: datetime) -> None:
        """Let flows that are gone be due no more; others that cannot be read: not before then."""
        if flow_ids:
            self._set_aside(args=[_score(until), *flow_ids])

    def count(self, until: datetime | None = None) -> int:
        """Return how many flows are scheduled; with `until`: are due by then."""
        last = "+inf" if until is None else _score(until)
        return int(self._redis.zcount(keys.DUE_FLOWS, "-inf", last))


def _readable(flow_id: str, text: bytes) -> DataFlow | None:
    try:
        return codec.load(DataFlow, text)
    except ValueError:  # of a newer version, for example; its text may hold what no log may
        log.error("flow_not_readable flow_id=%s", flow_id)
        return None


def _score(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(score: float) -> datetime:
    return datetime.fromtimestamp(int(score), UTC)
