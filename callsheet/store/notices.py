"""Open notices of a spreadsheet's flows: at most one each, so that each incident is told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redis import Redis
from redis.client import Pipeline

from callsheet.delivery import Delivery
from callsheet.notice import Notice, dismissed, heavier
from callsheet.store import codec, deliveries, keys
from callsheet.store.client import text_of


class NoticeStore:
    """Notices by spreadsheet and flow."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def open(self, notice: Notice, messages: Sequence[Delivery] = ()) -> bool:
        """Keep the notice, and the messages that tell of it; or neither, and answer False.

        False: the flow has a notice already that weighs as much. Of several that open the same one
        at the same moment, one hears True.
        """
        return self._change(
            notice.spreadsheet_id, notice.flow_id, lambda old: heavier(old, notice), messages
        )

    def dismiss(self, spreadsheet_id: str, flow_id: str) -> None:
        """Take the notice out of sight; nothing happens when it has closed meanwhile."""
        self._change(spreadsheet_id, flow_id, lambda old: old and dismissed(old))

    def of_spreadsheet(self, spreadsheet_id: str) -> list[Notice]:
        """Return the spreadsheet's open notices, the newest first."""
        texts = self._redis.hvals(keys.notices(spreadsheet_id))
        found = [codec.load(Notice, text_of(text)) for text in texts]
        return sorted(found, key=lambda notice: notice.opened_at, reverse=True)

    def _change(
        self,
        spreadsheet_id: str,
        flow_id: str,
        how: Callable[[Notice | None], Notice | None],
        messages: Sequence[Delivery] = (),
    ) -> bool:
        """Apply `how` to the notice as it is; say whether that changed anything."""
        key = keys.notices(spreadsheet_id)
        has_changed: list[bool] = []

        def transact(pipe: Pipeline) -> None:
            old = look(pipe, spreadsheet_id, flow_id)
            new = how(old)
            has_changed[:] = [new != old]
            pipe.multi()
            if new != old:
                write(pipe, spreadsheet_id, flow_id, new)
                deliveries.put(pipe, messages)

        self._redis.transaction(transact, key)
        return has_changed[0]


def look(pipe: Pipeline, spreadsheet_id: str, flow_id: str) -> Notice | None:
    """Return the flow's open notice within a transaction that watches the spreadsheet's."""
    text = pipe.hget(keys.notices(spreadsheet_id), flow_id)
    return None if text is None else codec.load(Notice, text_of(text))


def write(pipe: Pipeline, spreadsheet_id: str, flow_id: str, notice: Notice | None) -> None:
    """With a transaction: keep the flow's notice in the place of the former; None: forget it."""
    if notice is None:
        pipe.hdel(keys.notices(spreadsheet_id), flow_id)
    else:
        pipe.hset(keys.notices(spreadsheet_id), flow_id, codec.dump(notice).decode())
