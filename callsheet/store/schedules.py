"""When each data flow is due, and how what is due is handed over: no slot twice, none lost.

The due set says for each scheduled flow when its next refresh is; nothing else does. The leader
hands slots over in three steps, each safe to repeat:

1. It reads what is due and works out each flow's next slot.
2. `claim`, one script: while it still leads, each slot whose time in the due set is unchanged goes
   into the set of claimed slots, and the flow's next one into the due set.
3. The runs are enqueued under ids made of flow and slot, which start once however often they are
   asked for; then `settle` forgets the slots.

A leader that dies between two steps leaves claimed slots to the next one, which goes on with 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from redis import Redis

from callsheet.data_flow import DataFlow
from callsheet.store import keys
from callsheet.store.client import text_of
from callsheet.store.flows import loaded
from callsheet.store.leader import LEASE_SECONDS

# KEYS: lease, due set, claimed slots. ARGV: the leader's mark, milliseconds of the lease,
# then for each slot: flow id, its time, the next time or '', its name. Answers 1 for each that is
# now claimed; nothing when another process leads. Prolongs the lease: a long tick is a sign of
# life.
_CLAIM = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return nil end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local claimed = {}
for at = 3, #ARGV, 4 do
  local flow, slot, following, name = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local due = redis.call('ZSCORE', KEYS[2], flow)
  if due and tonumber(due) == tonumber(slot) then
    redis.call('ZADD', KEYS[3], slot, name)
    if following == '' then
      redis.call('ZREM', KEYS[2], flow)
    else
      redis.call('ZADD', KEYS[2], following, flow)
    end
    claimed[#claimed + 1] = 1
  else
    claimed[#claimed + 1] = 0
  end
end
return claimed
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


class ScheduleStore:
    """The due set and the claimed slots."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._claim = redis.register_script(_CLAIM)

    def due(self, now: datetime, limit: int) -> list[Slot]:
        """Return slots that have come, the longest due first."""
        raw = self._redis.zrange(
            keys.DUE_FLOWS, "-inf", _score(now), byscore=True, offset=0, num=limit, withscores=True
        )
        return [Slot(text_of(flow_id), _moment(score)) for flow_id, score in cast(Any, raw)]

    def flows_of(self, slots: Sequence[Slot]) -> list[DataFlow | None]:
        """Return the flow of each slot, due when that says; None for one that is gone."""
        if not slots:
            return []
        texts = cast(Any, self._redis.mget([keys.flow(slot.flow_id) for slot in slots]))
        return [
            None if text is None else loaded(text, _score(slot.at))
            for slot, text in zip(slots, texts, strict=True)
        ]

    def claim(self, mark: str, slots: Sequence[tuple[Slot, datetime | None]]) -> list[Slot] | None:
        """Claim slots, and move each flow on to the time given with it.

        mark: the leader's, see Leadership. Returns those whose flow was still due then and no
        other; None when the mark is not the leader's any more.
        """
        if not slots:
            return []
        about: list[Any] = [mark, LEASE_SECONDS * 1000]
        for slot, following in slots:
            after = "" if following is None else _score(following)
            about += [slot.flow_id, _score(slot.at), after, slot.name]
        lists = [keys.SCHEDULER_LEASE, keys.DUE_FLOWS, keys.CLAIMED_SLOTS]
        answer = cast(list[int] | None, self._claim(keys=lists, args=about))
        if answer is None:
            return None
        return [slot for (slot, _), won in zip(slots, answer, strict=True) if won]

    def claimed(self, limit: int) -> list[Slot]:
        """Return slots that were claimed and not settled: a leader died, or Redis was away."""
        raw = self._redis.zrange(keys.CLAIMED_SLOTS, 0, limit - 1, withscores=True)
        return [
            Slot(text_of(name).rpartition("_")[0], _moment(score)) for name, score in cast(Any, raw)
        ]

    def settle(self, slots: Iterable[Slot]) -> None:
        """Forget claimed slots whose runs are enqueued."""
        names = [slot.name for slot in slots]
        if names:
            self._redis.zrem(keys.CLAIMED_SLOTS, *names)

    def forget(self, flow_ids: Iterable[str]) -> None:
        """Let flows that are gone be due no more."""
        ids = list(flow_ids)
        if ids:
            self._redis.zrem(keys.DUE_FLOWS, *ids)

    def count(self, until: datetime | None = None) -> int:
        """Return how many flows are scheduled; with `until`: are due by then."""
        last = "+inf" if until is None else _score(until)
        return int(self._redis.zcount(keys.DUE_FLOWS, "-inf", last))


def _score(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(score: float) -> datetime:
    return datetime.fromtimestamp(int(score), UTC)
