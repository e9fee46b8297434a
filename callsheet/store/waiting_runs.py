"""Runs that are made to wait: until their moment has come, or until the flow's active run is over.

A flow has one active run. Of the runs that are to follow it there is one at the most; it becomes
the active one in the same script that ends the other (run_scripts.FINISH), so no kill loses it.
"""

from __future__ import annotations

from typing import Any, cast

from redis import Redis

from callsheet.run import Run
from callsheet.store import codec, keys
from callsheet.store.client import text_of
from callsheet.store.run_scripts import FOLLOWING, PRELUDE
from callsheet.store.runs import KEEP

# KEYS: the flow's active run, its runs. ARGV: run, JSON, created (seconds), place, seconds to keep,
# milliseconds to wait. Answers the id of the run that is active now: this one, or another.
_WAIT = (
    PRELUDE
    + FOLLOWING
    + """
local active = redis.call('GET', KEYS[1])
if active and redis.call('HEXISTS', PLACES, active) == 1 then return active end
let_wait(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], now + ARGV[6])
return ARGV[1]
"""
)

# KEYS: the flow's active run, what follows it. ARGV: the run that is to be followed, then as above.
# Answers 0 if that is over.
_FOLLOW = (
    PRELUDE
    + """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('HEXISTS', PLACES, ARGV[1]) == 0 then return 0 end
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('HSET', KEYS[2], 'id', ARGV[2], 'record', ARGV[3], 'created', ARGV[4],
    'place', ARGV[5], 'keep', ARGV[6], 'resume', now + ARGV[7])
  redis.call('EXPIRE', KEYS[2], ARGV[6])
end
return 1
"""
)


class WaitingRuns:
    """Makes runs that begin later; `run` is a new one in the state waiting."""

    def __init__(self, redis: Redis) -> None:
        self._wait = redis.register_script(_WAIT)
        self._follow = redis.register_script(_FOLLOW)

    def start(self, run: Run, seconds: float) -> str:
        """Save the run as its flow's active one; it goes to its queue after so many seconds.

        Returns the id of the flow's active run: another one's when there is one already.
        """
        lists = [keys.active_run(run.flow_id), keys.flow_runs(run.flow_id)]
        return text_of(self._wait(keys=lists, args=_about(run, seconds)))

    def follow(self, active_id: str, run: Run, seconds: float) -> bool:
        """Have the run follow the flow's active one, not before so many seconds from now.

        Nothing changes when there is one to follow already. False: that run is over.
        """
        names = [keys.active_run(run.flow_id), keys.following_run(run.flow_id)]
        answer = self._follow(keys=names, args=[active_id, *_about(run, seconds)])
        return cast(int, answer) == 1


def _about(run: Run, seconds: float) -> list[Any]:
    place = f"{run.queue.value}|{run.account or run.spreadsheet_id}"
    keep = int(KEEP.total_seconds())
    return [run.id, codec.dump(run), run.created_at.timestamp(), place, keep, int(seconds * 1000)]
