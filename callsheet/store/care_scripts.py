"""The Redis scripts for runs of others: hurried, cancelled, woken, taken back, counted.

People and the janitor use them; see run_scripts.py.
"""

from __future__ import annotations

from callsheet.store.run_scripts import PRELUDE

# ARGV: run, the record as it was read, the record to be, seconds to keep, account. A person waits
# for the run now: unless a job has it or it is over, it moves to the queue `now`, also from among
# the waiting. Answers 0 if that cannot be, -1 if the record has changed meanwhile.
PROMOTE = (
    PRELUDE
    + """
local run = ARGV[1]
if redis.call('HEXISTS', PLACES, run) == 0 or owner_of(run) then return 0 end
if redis.call('GET', record_of(run)) ~= ARGV[2] then return -1 end
pull(run)
redis.call('SET', record_of(run), ARGV[3], 'EX', ARGV[4])
redis.call('HSET', PLACES, run, 'now|' .. ARGV[5])
push(run)
return 1
"""
)

# ARGV: run, owner, lease. A person cancels the run. Answers 1 when no job had it and it is now the
# owner's, to be ended by them, also when that was answered before and the answer was lost; 0 when
# the job that has it will hear of it; -1 when it is over.
CANCEL = (
    PRELUDE
    + """
local run = ARGV[1]
if redis.call('HEXISTS', PLACES, run) == 0 then return -1 end
redis.call('SADD', CANCELLING, run)
if owner_of(run) then return owner_of(run) == ARGV[2] and 1 or 0 end
pull(run)
hold(run, ARGV[2], ARGV[3])
return 1
"""
)

# ARGV: how many at the most. Puts waiting runs whose time has come, and runs whose owner has given
# no sign of life, into their queues. Answers the queues of the first, those of the second, the ids
# of the second, and the milliseconds until the next of the waiting (-1: nobody waits).
WAKE = (
    PRELUDE
    + """
local woken, back, ids = {}, {}, {}
for _, run in ipairs(redis.call('ZRANGE', WAITING, '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  redis.call('ZREM', WAITING, run)
  woken[#woken + 1] = push(run)
end
for _, run in ipairs(redis.call('ZRANGE', HELD, '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  let_go(run)
  local queue = push(run)
  if queue then
    back[#back + 1] = queue
    ids[#ids + 1] = run
  end
end
local first = redis.call('ZRANGE', WAITING, 0, 0, 'WITHSCORES')
return {woken, back, ids, first[2] and math.max(0, math.ceil(first[2] - now)) or -1}
"""
)

# ARGV: milliseconds. Answers, for each queue, how many runs have been in it for at least so long.
BACKLOG = (
    PRELUDE
    + """
local found = {}
for i, queue in ipairs({'now', 'scheduled', 'backfill'}) do
  found[i] = redis.call('ZCOUNT', QUEUE .. queue .. ':since', '-inf', now - ARGV[1])
end
return found
"""
)
