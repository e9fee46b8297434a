"""Every Redis key pattern, what it holds and how long it lives."""

from __future__ import annotations

PREFIX = "callsheet"


def connection(connection_id: str) -> str:
    """JSON of a Connection; until it is removed."""
    return f"{PREFIX}:connection:{connection_id}"


def connection_token(connection_id: str) -> str:
    """The connection's API token, sealed; until the connection is removed."""
    return f"{PREFIX}:connection:{connection_id}:token"


def spreadsheet_connections(spreadsheet_id: str) -> str:
    """Set of the connection ids of a spreadsheet."""
    return f"{PREFIX}:spreadsheet:{spreadsheet_id}:connections"


def flow(flow_id: str) -> str:
    """JSON of a DataFlow; until it is removed."""
    return f"{PREFIX}:flow:{flow_id}"


def spreadsheet_flows(spreadsheet_id: str) -> str:
    """Set of the flow ids of a spreadsheet."""
    return f"{PREFIX}:spreadsheet:{spreadsheet_id}:flows"


def run(run_id: str) -> str:
    """JSON of a Run; while it is among the last 100 of its flow, 90 days at the most."""
    return f"{PREFIX}:run:{run_id}"


def checkpoint(run_id: str) -> str:
    """JSON of how far a run is, for whoever goes on with it; until the run is over."""
    return f"{PREFIX}:run:{run_id}:checkpoint"


def flow_runs(flow_id: str) -> str:
    """Sorted set of a flow's run ids by creation time (UNIX seconds); the newest 100, a year."""
    return f"{PREFIX}:flow:{flow_id}:runs"


def flow_totals(flow_id: str) -> str:
    """Hash of Totals: the sums of all runs of the flow that are over; a year after the last."""
    return f"{PREFIX}:flow:{flow_id}:totals"


def active_run(flow_id: str) -> str:
    """Id of the flow's run that is not over; removed when it is."""
    return f"{PREFIX}:flow:{flow_id}:active"


def following_run(flow_id: str) -> str:
    """Hash of the run that is to follow the active one: its JSON, place, and from when on (UNIX
    milliseconds); until the other is over.
    """
    return f"{PREFIX}:flow:{flow_id}:following"


# An active run is in exactly one place: in its queue, among the waiting, or held by a worker.
# Every change from one place to another is one script (store/run_scripts.py, care_scripts.py).

ACTIVE_RUNS = f"{PREFIX}:runs:active"
"""Sorted set of the ids of all runs that are not over, by creation time (UNIX seconds)."""

PLACES = f"{PREFIX}:runs:places"
"""Hash of run id to `<queue>|<account>`: where its next slice waits; until the run is over."""


def owner(run_id: str) -> str:
    """Mark of the job that has the run; until it gives it back, or its lease ends.

    A key of its own, so that a transaction can watch it.
    """
    return f"{PREFIX}:run:{run_id}:owner"


HELD = f"{PREFIX}:runs:held"
"""Sorted set of the ids of runs that a job has, by the end of its lease (UNIX milliseconds)."""

WAITING = f"{PREFIX}:runs:waiting"
"""Sorted set of the ids of waiting runs by when they go on, or begin (UNIX milliseconds)."""

CANCELLING = f"{PREFIX}:runs:cancelling"
"""Set of the ids of active runs that a person has cancelled; until they are over."""

QUEUE = f"{PREFIX}:queue:"
"""What the keys of the queues begin with, see below."""

QUEUE_NUMBER = f"{PREFIX}:queues:number"
"""How many slices have been put into a queue: the order in which they came."""

QUEUE_TURN = f"{PREFIX}:queues:turn"
"""How often a slice has been picked."""

QUEUE_PREEMPT = f"{PREFIX}:queues:preempt"
"""Exists for a second after a worker was asked to step aside for something more urgent."""


def queue_since(queue: str) -> str:
    """Sorted set of the run ids in a queue by when they came (UNIX milliseconds)."""
    return f"{QUEUE}{queue}:since"


def queue_accounts(queue: str) -> str:
    """Sorted set of the accounts that have runs in a queue, by when one was last picked."""
    return f"{QUEUE}{queue}:accounts"


def queue_served(queue: str) -> str:
    """Sorted set of accounts by when a run of theirs was last picked; an hour each."""
    return f"{QUEUE}{queue}:served"


def queue_of(queue: str, account: str) -> str:
    """Sorted set of the run ids of one account in a queue in the order in which they came."""
    return f"{QUEUE}{queue}:of:{account}"


DUE_FLOWS = f"{PREFIX}:schedule:due"
"""Sorted set of flow ids by the time of their next refresh (whole UNIX seconds)."""

TAB_REMOVALS = f"{PREFIX}:tabs:leaving"
"""Sorted set of the tabs to delete, `<spreadsheet id>|<tab key>`, by the next try (UNIX seconds);
each until it is deleted.
"""

SCHEDULER_LEASE = f"{PREFIX}:scheduler:lease"
"""Which scheduler process ticks: `<number>|<process>`; 1.5 seconds, renewed."""

SCHEDULER_NUMBER = f"{PREFIX}:scheduler:number"
"""How often the scheduler lease has changed hands; for good."""


def account_flows(account: str) -> str:
    """Set of the ids of the scheduled flows of one Aircall account, in all spreadsheets."""
    return f"{PREFIX}:account:{account}:flows"


def account_placing(account: str) -> str:
    """Lock: somebody places the account's flows so that they do not collide; 10 seconds."""
    return f"{PREFIX}:account:{account}:placing"


def request_budget(account: str) -> str:
    """Sorted set of the last minute's requests to one Aircall account, or on one quota of Google's
    (`google:<read|write>:account:<e-mail>`, `google:<read|write>:project:<project>`):
    `<run>/<ticket>` by the time from which each counts (UNIX milliseconds); 3 minutes.
    """
    return f"{PREFIX}:budget:{account}"


def request_budget_waiters(account: str) -> str:
    """Hash of who waits for the budget: `<run>/<ticket>` to when it first asked, by when it must
    come again (UNIX milliseconds) and whether it may use the reserve; as long as the wait.
    """
    return f"{PREFIX}:budget:{account}:waiters"


def request_budget_closed(account: str) -> str:
    """UNIX milliseconds until which we were told to wait; until then."""
    return f"{PREFIX}:budget:{account}:closed"


def request_budget_learned(account: str) -> str:
    """Hash of what 429s have taught: `rate` (requests a minute), `since` and `struck` (UNIX
    milliseconds, last change and last 429); 24 hours.
    """
    return f"{PREFIX}:budget:{account}:learned"


def google_token(account: str) -> str:
    """Access token of a service account of Google's with its end, sealed; until 5 minutes before
    that, 55 minutes as a rule.
    """
    return f"{PREFIX}:google:token:{account}"


def fetches(account: str, kind: str) -> str:
    """Sorted set of the recent fetches of an account (JSON) by when they began; 10 minutes."""
    return f"{PREFIX}:fetches:{account}:{kind}"


def fetch_size(fetch_id: str) -> str:
    """Bytes that a fetch keeps; 10 minutes after the last page."""
    return f"{PREFIX}:fetch:{fetch_id}:bytes"


def page(fetch_id: str, mark: str) -> str:
    """One page that was fetched, packed and sealed; 10 minutes after it was last used."""
    return f"{PREFIX}:fetch:{fetch_id}:page:{mark}"


def page_asked(page_key: str) -> str:
    """Exists while a run is asking Aircall for the page; 15 seconds at the most."""
    return f"{page_key}:asked"


def roster(account: str) -> str:
    """JSON list of the ids of an Aircall account's users; 26 hours."""
    return f"{PREFIX}:roster:{account}"


def tab_lock(spreadsheet_id: str, flow_key: str) -> str:
    """Number of whoever writes the flow's tab now; 20 seconds, renewed while it is held."""
    return f"{PREFIX}:tab:{spreadsheet_id}:{flow_key}:lock"


def tab_lock_number(spreadsheet_id: str, flow_key: str) -> str:
    """Largest number given out for the tab (grows with the clock); a day after the last holder."""
    return f"{PREFIX}:tab:{spreadsheet_id}:{flow_key}:number"


def edit_nonce(nonce: str) -> str:
    """`<user>|<spreadsheet id>` for whom a proof of edit access was begun; 5 minutes."""
    return f"{PREFIX}:edit-nonce:{nonce}"


def edit_proof(user: str, spreadsheet_id: str) -> str:
    """Exists while the user counts as an editor of the spreadsheet; 24 hours."""
    return f"{PREFIX}:edit-proof:{user}:{spreadsheet_id}"


def notices(spreadsheet_id: str) -> str:
    """Hash of a spreadsheet's open notices: flow id to JSON of a Notice; each until a run of the
    flow succeeds, or the flow is gone.
    """
    return f"{PREFIX}:spreadsheet:{spreadsheet_id}:notices"


def subscriptions(spreadsheet_id: str) -> str:
    """Hash of who hears of them: `mail:<user>` to an address, `slack` to a sealed address,
    `digest` to the time zone of the daily digest.
    """
    return f"{PREFIX}:spreadsheet:{spreadsheet_id}:subscriptions"


DIGESTS = f"{PREFIX}:digests"
"""Sorted set of the spreadsheets with a daily digest, by when it is due (UNIX seconds)."""


def delivery(delivery_id: str) -> str:
    """JSON of a Delivery, a message on its way out; until taken or given up, a day at most."""
    return f"{PREFIX}:delivery:{delivery_id}"


DELIVERIES = f"{PREFIX}:deliveries"
"""Sorted set of the ids of messages on their way out, by when each is due again (UNIX seconds)."""


def webhook(flow_id: str) -> str:
    """JSON of a flow's Webhook, sealed; until it is removed."""
    return f"{PREFIX}:flow:{flow_id}:webhook"


def webhook_attempts(flow_id: str) -> str:
    """List of JSON of the webhook's last 20 Attempts, the newest first."""
    return f"{PREFIX}:flow:{flow_id}:webhook:attempts"


def flow_key(flow_id: str) -> str:
    """JSON of a FlowKey: the hash of the key that starts the flow's runs; until it is revoked."""
    return f"{PREFIX}:flow:{flow_id}:key"


def event_key(flow_id: str) -> str:
    """As `flow_key`, of the key in the address to which events are posted."""
    return f"{PREFIX}:flow:{flow_id}:event-key"


def flow_key_calls(flow_id: str) -> str:
    """How often that key was used; a minute."""
    return f"{PREFIX}:flow:{flow_id}:key:calls"


FRESH_UNTIL = f"{PREFIX}:flows:fresh-until"
"""Sorted set of `<spreadsheet id>|<flow id>` by when the flow becomes stale (UNIX seconds)."""

STALE_FLOWS = f"{PREFIX}:flows:stale"
"""Sorted set of `<spreadsheet id>|<flow id>` of the flows that are stale, by since when (UNIX
seconds); each until it succeeds.
"""

COUNTERS = f"{PREFIX}:counters"
"""Hash of counters for the metrics: `<metric>|<label>|…` to a number; for good."""

ACCOUNTS_SEEN = f"{PREFIX}:accounts"
"""Sorted set of Aircall accounts by the last use of their budget (UNIX seconds); 1 hour."""
