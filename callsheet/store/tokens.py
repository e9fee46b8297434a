"""Takes the next token from RQ's queues without RQ's worker, in one exchange with Redis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from redis import Redis

# KEYS: RQ's queues in the order of the workers. ARGV: what a token's id begins with, what the key
# of a job begins with. Answers 1 when the very next job was a token and is gone now, else 0: what
# is not a token waits for a work-horse of its own.
_TAKE = """
for _, queue in ipairs(KEYS) do
  local job = redis.call('LINDEX', queue, 0)
  if job then
    if string.sub(job, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
    redis.call('LPOP', queue)
    redis.call('DEL', ARGV[2] .. job)
    return 1
  end
end
return 0
"""


class Tokens:
    """The tokens among the jobs that wait. mark: what their ids begin with."""

    def __init__(self, redis: Redis, queues: Sequence[str], jobs: str, mark: str) -> None:
        self._keys = list(queues)
        self._about = [mark, jobs]
        self._take = redis.register_script(_TAKE)

    def take(self) -> bool:
        """Take the next job if it is a token."""
        return bool(cast(int, self._take(keys=self._keys, args=self._about)))
