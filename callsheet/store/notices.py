"""Open notices of a spreadsheet's flows: at most one each, so that each incident is told once."""

from __future__ import annotations

from collections.abc import Callable

from redis import Redis
from redis.client import Pipeline

from callsheet.notice import Notice, dismissed
from callsheet.store import codec, keys
from callsheet.store.client import text_of


class NoticeStore:
    """Notices by spreadsheet and flow."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def open(self, notice: Notice) -> bool:
        """Keep the notice; False when the flow has one already that weighs as much.

        Of several that open the same one at the same moment, one hears True.
        """

        def heavier(old: Notice | None) -> Notice | None:
            is_news = old is None or notice.kind.weight > old.kind.weight
            return notice if is_news else old

        return self._change(notice.spreadsheet_id, notice.flow_id, heavier)

    def close(self, spreadsheet_id: str, flow_id: str) -> Notice | None:
        """Forget and return the flow's notice; one of several callers gets it."""
        key = keys.notices(spreadsheet_id)
        with self._redis.pipeline() as pipe:
            pipe.hget(key, flow_id)
            pipe.hdel(key, flow_id)
            text, _ = pipe.execute()
        return None if text is None else codec.load(Notice, text_of(text))

    def dismiss(self, spreadsheet_id: str, flow_id: str) -> None:
        """Take the notice out of sight; nothing happens when it has closed meanwhile."""
        self._change(spreadsheet_id, flow_id, lambda old: old and dismissed(old))

    def of_spreadsheet(self, spreadsheet_id: str) -> list[Notice]:
        """Return the spreadsheet's open notices, the newest first."""
        texts = self._redis.hvals(keys.notices(spreadsheet_id))
        found = [codec.load(Notice, text_of(text)) for text in texts]
        return sorted(found, key=lambda notice: notice.opened_at, reverse=True)

    def _change(
        self, spreadsheet_id: str, flow_id: str, how: Callable[[Notice | None], Notice | None]
    ) -> bool:
        """Apply `how` to the notice as it is; say whether that changed anything."""
        key = keys.notices(spreadsheet_id)
        has_changed: list[bool] = []

        def transact(pipe: Pipeline) -> None:
            text = pipe.hget(key, flow_id)
            old = None if text is None else codec.load(Notice, text_of(text))
            new = how(old)
            has_changed[:] = [new != old]
            pipe.multi()
            if new is not None and new != old:
                pipe.hset(key, flow_id, codec.dump(new).decode())

        self._redis.transaction(transact, key)
        return has_changed[0]
