"""The Redis scripts that move a run from one place to another, whole or not at all.

An active run is in exactly one place: in its queue, among the waiting, or held by a job (its
owner). A process may be killed between any two of these calls; no run is lost or doubled by it.
The time is the server's, in milliseconds, so the clocks of the machines need not agree. The
scripts name their keys themselves: Callsheet uses one Redis server, not a cluster.
"""

from __future__ import annotations

from callsheet.store import keys

PRELUDE = f"""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ACTIVE, PLACES = '{keys.ACTIVE_RUNS}', '{keys.PLACES}'
local HELD, WAITING, CANCELLING = '{keys.HELD}', '{keys.WAITING}', '{keys.CANCELLING}'
local QUEUE, NUMBER = '{keys.QUEUE}', '{keys.QUEUE_NUMBER}'

local function record_of(run) return '{keys.run("")}' .. run end
local function checkpoint_of(run) return record_of(run) .. ':checkpoint' end
local function owner_key(run) return record_of(run) .. ':owner' end
local function owner_of(run) return redis.call('GET', owner_key(run)) end

local function place_of(run)
  local place = redis.call('HGET', PLACES, run)
  if not place then return nil end
  return string.match(place, '^(%a+)|(.*)$')
end

-- Puts runs, each of an account, into a queue that has none of them; an account that has never been
-- served comes first.
local function push_all(queue, accounts, runs)
  queue = QUEUE .. queue
  local served = redis.call('ZMSCORE', queue .. ':served', unpack(accounts))
  local before = redis.call('INCRBY', NUMBER, #runs) - #runs
  local since, turns = {{}}, {{}}
  for i, run in ipairs(runs) do
    since[2 * i - 1], since[2 * i] = now, run
    turns[2 * i - 1], turns[2 * i] = served[i] or now - 1e13, accounts[i]
    redis.call('ZADD', queue .. ':of:' .. accounts[i], before + i, run)
  end
  redis.call('ZADD', queue .. ':since', unpack(since))
  redis.call('ZADD', queue .. ':accounts', 'NX', unpack(turns))
end

local function push(run)
  local queue, account = place_of(run)
  if queue then push_all(queue, {{account}}, {{run}}) end
  return queue
end

-- Takes the run out of its queue and from among the waiting.
local function pull(run)
  redis.call('ZREM', WAITING, run)
  local queue, account = place_of(run)
  if not queue then return end
  local of = QUEUE .. queue .. ':of:' .. account
  redis.call('ZREM', QUEUE .. queue .. ':since', run)
  redis.call('ZREM', of, run)
  if redis.call('EXISTS', of) == 0 then
    redis.call('ZREM', QUEUE .. queue .. ':accounts', account)
  end
end

local function hold(run, owner, lease)
  redis.call('SET', owner_key(run), owner)
  redis.call('ZADD', HELD, now + lease, run)
end

local function let_go(run)
  redis.call('DEL', owner_key(run))
  redis.call('ZREM', HELD, run)
end
"""

# Starts runs of different flows, `runs` being a list of id, flow, JSON, queue and account in turn,
# with few commands for many. Answers a list: for each run 1 if it is new, else the id of the run
# that stands for it. That is the flow's active one; or the same id again, active or over: a slot of
# a schedule runs once.
START_ALL = f"""
local function start_all(runs, created, keep)
  local records, actives = {{}}, {{}}
  for at = 1, #runs, 5 do
    records[#records + 1] = '{keys.run("")}' .. runs[at]
    actives[#actives + 1] = '{keys.flow("")}' .. runs[at + 1] .. ':active'
  end
  local known, active = redis.call('MGET', unpack(records)), redis.call('MGET', unpack(actives))
  local found, places, times, marks, queued = {{}}, {{}}, {{}}, {{}}, {{}}
  for n, record in ipairs(records) do
    local run, flow, json, queue, account = unpack(runs, 5 * n - 4, 5 * n)
    if known[n] then
      found[n] = run
    elseif active[n] and redis.call('HEXISTS', PLACES, active[n]) == 1 then
      found[n] = active[n]
    else
      found[n] = 1
      redis.call('SET', record, json, 'EX', keep)
      redis.call('ZADD', '{keys.flow("")}' .. flow .. ':runs', created, run)
      local all = queued[queue] or {{accounts = {{}}, runs = {{}}}}
      queued[queue] = all
      all.accounts[#all.accounts + 1], all.runs[#all.runs + 1] = account, run
      places[#places + 1], places[#places + 2] = run, queue .. '|' .. account
      times[#times + 1], times[#times + 2] = created, run
      marks[#marks + 1], marks[#marks + 2] = actives[n], run
    end
  end
  if #marks > 0 then
    redis.call('MSET', unpack(marks))
    redis.call('ZADD', ACTIVE, unpack(times))
    redis.call('HSET', PLACES, unpack(places))
    for queue, all in pairs(queued) do push_all(queue, all.accounts, all.runs) end
  end
  return found
end
"""

# ARGV: when they are created (seconds), seconds to keep their records, then as `start_all`.
START = (
    PRELUDE
    + START_ALL
    + """
return start_all({unpack(ARGV, 3)}, ARGV[1], ARGV[2])
"""
)

# ARGV: owner, lease, patience (both in milliseconds), an hour. Answers the id of the run that is
# now the owner's, or nothing. From the first queue that has one: the oldest run of the account
# that was served least recently. Every fourth pick is for the run of a later queue that has waited
# longest, if that is longer than the patience: what nobody waits for is not starved.
PICK = (
    PRELUDE
    + f"""
local function take_from(queue)
  local accounts, served = QUEUE .. queue .. ':accounts', QUEUE .. queue .. ':served'
  while true do
    local account = redis.call('ZRANGE', accounts, 0, 0)[1]
    if not account then return nil end
    local run = redis.call('ZRANGE', QUEUE .. queue .. ':of:' .. account, 0, 0)[1]
    if run then
      redis.call('ZREM', QUEUE .. queue .. ':of:' .. account, run)
      redis.call('ZREM', QUEUE .. queue .. ':since', run)
    end
    if redis.call('EXISTS', QUEUE .. queue .. ':of:' .. account) == 0 then
      redis.call('ZREM', accounts, account)
    else
      redis.call('ZADD', accounts, now, account)
    end
    if run and redis.call('HEXISTS', PLACES, run) == 1 then
      redis.call('ZADD', served, now, account)
      redis.call('ZREMRANGEBYSCORE', served, '-inf', now - ARGV[4])
      return run
    end
  end
end

local run, patient = nil, nil
if redis.call('INCR', '{keys.QUEUE_TURN}') % 4 == 0 then
  local oldest = now - ARGV[3]
  for _, queue in ipairs({{'scheduled', 'backfill'}}) do
    local first = redis.call('ZRANGE', QUEUE .. queue .. ':since', 0, 0, 'WITHSCORES')
    if first[2] and tonumber(first[2]) < oldest then
      oldest, patient = tonumber(first[2]), queue
    end
  end
  if patient then run = take_from(patient) end
end
for _, queue in ipairs({{'now', 'scheduled', 'backfill'}}) do
  run = run or take_from(queue)
end
if run then hold(run, ARGV[1], ARGV[2]) end
return run
"""
)

# ARGV: run, owner, lease, queue, patience with more urgent runs (milliseconds). The owner's sign
# of life. Answers 0 when the run is no longer theirs, 2 when a person has cancelled it, 3 when it
# should step aside because something more urgent finds no worker (one job a second), else 1.
PULSE = (
    PRELUDE
    + f"""
if owner_of(ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZADD', HELD, now + ARGV[3], ARGV[1])
if redis.call('SISMEMBER', CANCELLING, ARGV[1]) == 1 then return 2 end
if ARGV[4] ~= 'now' then
  local first = redis.call('ZRANGE', QUEUE .. 'now:since', 0, 0, 'WITHSCORES')
  if first[2] and tonumber(first[2]) < now - ARGV[5]
      and redis.call('SET', '{keys.QUEUE_PREEMPT}', ARGV[1], 'NX', 'PX', 1000) then
    return 3
  end
end
return 1
"""
)

# ARGV: run, owner, JSON, seconds to keep, checkpoint ('': as it is). Saves the record and what the
# next job is to know, if the run is the owner's.
SAVE = (
    PRELUDE
    + """
local run = ARGV[1]
if owner_of(run) ~= ARGV[2] then return 0 end
redis.call('SET', record_of(run), ARGV[3], 'EX', ARGV[4])
if ARGV[5] ~= '' then redis.call('SET', checkpoint_of(run), ARGV[5], 'EX', ARGV[4]) end
return 1
"""
)

# ARGV: run, owner, JSON, seconds to keep, checkpoint ('': as it is), queue, account, milliseconds
# to wait. Gives the run back: it goes on after so long, or at once from its queue. Answers 0 if it
# was not the owner's.
PARK = (
    PRELUDE
    + """
local run = ARGV[1]
if owner_of(run) ~= ARGV[2] then return 0 end
redis.call('SET', record_of(run), ARGV[3], 'EX', ARGV[4])
if ARGV[5] ~= '' then redis.call('SET', checkpoint_of(run), ARGV[5], 'EX', ARGV[4]) end
redis.call('HSET', PLACES, run, ARGV[6] .. '|' .. ARGV[7])
let_go(run)
if tonumber(ARGV[8]) > 0 and redis.call('SISMEMBER', CANCELLING, run) == 0 then
  redis.call('ZADD', WAITING, now + ARGV[8], run)
else
  push(run)
end
return 1
"""
)

# For a run that begins later (waiting_runs.py), and for the one that is to follow another.
FOLLOWING = """
local function let_wait(active, runs, run, record, created, place, keep, resume)
  redis.call('SET', record_of(run), record, 'EX', keep)
  redis.call('SET', active, run)
  redis.call('ZADD', runs, created, run)
  redis.call('ZADD', ACTIVE, created, run)
  redis.call('HSET', PLACES, run, place)
  redis.call('ZADD', WAITING, resume, run)
end

local function begin_following(active, runs, following)
  local run = redis.call('HMGET', following, 'id', 'record', 'created', 'place', 'keep', 'resume')
  redis.call('DEL', following)
  if run[1] then let_wait(active, runs, unpack(run)) end
end
"""

# KEYS: the flow's active run, its runs, its totals, what follows the active run. ARGV: run, owner,
# JSON, seconds to keep, how many runs to keep, seconds to keep lists, then the totals' fields and
# what to add. The run is over; the one that is to follow takes its place; runs beyond those to keep
# are forgotten. Answers 0 if it was not the owner's.
FINISH = (
    PRELUDE
    + FOLLOWING
    + """
local run = ARGV[1]
if owner_of(run) ~= ARGV[2] then return 0 end
redis.call('SET', record_of(run), ARGV[3], 'EX', ARGV[4])
redis.call('DEL', checkpoint_of(run))
pull(run)
let_go(run)
redis.call('HDEL', PLACES, run)
redis.call('ZREM', ACTIVE, run)
redis.call('SREM', CANCELLING, run)
if redis.call('GET', KEYS[1]) == run then
  redis.call('DEL', KEYS[1])
  begin_following(KEYS[1], KEYS[2], KEYS[4])
end
for i = 7, #ARGV, 2 do redis.call('HINCRBY', KEYS[3], ARGV[i], ARGV[i + 1]) end
for _, list in ipairs({KEYS[2], KEYS[3]}) do redis.call('EXPIRE', list, ARGV[6]) end
for _, old in ipairs(redis.call('ZRANGE', KEYS[2], 0, -(ARGV[5] + 1))) do
  if redis.call('HEXISTS', PLACES, old) == 0 then
    redis.call('DEL', record_of(old))
    redis.call('ZREM', KEYS[2], old)
  end
end
return 1
"""
)
