"""Messages on their way out: kept until they were taken, tried again by time, given up in the end.

A try is counted before it is made: a worker that vanishes has used one up, so nothing is sent
without end, and the next try comes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from redis import Redis
from redis.client import Pipeline

from callsheet.delivery import Delivery, wait_after
from callsheet.store import codec, keys
from callsheet.store.client import text_of

KEEP = timedelta(days=1)
_HANDED_OVER = timedelta(seconds=5)
"""After which a new message is enqueued by the scheduler: whoever wrote it may have died."""

_ENQUEUED_FOR = timedelta(minutes=1)
"""How long a try may wait in the queue before it is enqueued again."""


class DeliveryStore:
    """The outbox."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def due(self, now: datetime, limit: int = 200) -> list[Delivery]:
        """Return the messages to be enqueued now; each again only after a minute."""
        raw = self._redis.zrange(
            keys.DELIVERIES, "-inf", now.timestamp(), byscore=True, offset=0, num=limit
        )
        found = []
        for delivery_id in map(text_of, raw):
            delivery = self.find(delivery_id)
            if delivery is None:
                self._redis.zrem(keys.DELIVERIES, delivery_id)
            else:
                self._redis.zadd(
                    keys.DELIVERIES, {delivery_id: (now + _ENQUEUED_FOR).timestamp()}, xx=True
                )
                found.append(delivery)
        return found

    def begin(self, delivery_id: str, attempt: int, now: datetime) -> Delivery | None:
        """Count the try of this number and return the message; None when it is not due any more.

        Of several workers that begin the same try, one gets it.
        """
        result: list[Delivery] = []

        def transact(pipe: Pipeline) -> None:
            result.clear()
            text = pipe.get(keys.delivery(delivery_id))
            if text is None:
                return
            delivery = codec.load(Delivery, text_of(text))
            if delivery.attempt != attempt - 1:
                return
            begun = replace(delivery, attempt=attempt)
            wait = wait_after(attempt)
            pipe.multi()
            _write(pipe, begun, now + (wait or KEEP))
            result.append(begun)

        self._redis.transaction(transact, keys.delivery(delivery_id))
        return result[0] if result else None

    def end(self, delivery_id: str) -> None:
        """Forget a message: taken, or given up."""
        with self._redis.pipeline() as pipe:
            pipe.delete(keys.delivery(delivery_id))
            pipe.zrem(keys.DELIVERIES, delivery_id)
            pipe.execute()

    def find(self, delivery_id: str) -> Delivery | None:
        """Return the message, or None."""
        text = self._redis.get(keys.delivery(delivery_id))
        return None if text is None else codec.load(Delivery, text_of(text))

    def count(self) -> int:
        """Return how many messages are on their way."""
        return int(self._redis.zcard(keys.DELIVERIES))


def put(pipe: Pipeline, deliveries: Iterable[Delivery]) -> None:
    """With the change that they tell of: keep new messages.

    Whoever does so also enqueues their first try; if they die before, the scheduler does.
    """
    for delivery in deliveries:
        _write(pipe, delivery, delivery.created_at + _HANDED_OVER)


def _write(pipe: Pipeline, delivery: Delivery, due: datetime) -> None:
    pipe.set(keys.delivery(delivery.id), codec.dump(delivery), ex=KEEP)
    pipe.zadd(keys.DELIVERIES, {delivery.id: due.timestamp()})
