"""Pages fetched from Aircall, kept for minutes: a run goes on with them, other runs share them.

docs/decisions has the reasons. What is kept is sealed: it holds names and phone numbers.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError

from callsheet.errors import ConfigError
from callsheet.page_memory import Answer
from callsheet.span import Span
from callsheet.store import codec, keys
from callsheet.store.client import text_of
from callsheet.store.vault import Vault

log = logging.getLogger(__name__)

KEEP_SECONDS = 600
"""How long a page is kept after it was last used; a run that waits comes back sooner."""

MOST_BYTES = 24 * 1024 * 1024
"""Most that one fetch keeps, sealed: about 4,000 pages. What comes after it is not kept."""

_EARLIER = timedelta(hours=2)
"""A fetch that begins so much before what is wanted is worth sharing all the same."""

_ASKING_SECONDS = 15
_LOOKS = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds between looks for a page that another run is asking for right now."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """One reading of an entity of an account. began_at: the moment whose records it reads."""

    id: str
    began_at: datetime
    span: Span | None = None

    def serves(self, wanted: Span | None, now: datetime, age: timedelta) -> bool:
        """Whether it holds all that is wanted, not much more, and is fresh enough."""
        if now - self.began_at > age or (self.span is None) != (wanted is None):
            return False
        if self.span is None or wanted is None:
            return True
        return self.span.start <= wanted.start <= self.span.start + _EARLIER


class FetchedPages:
    """The pages of one fetch: a PageMemory of the Aircall client. fetch: which one, by its id.

    sleep: waits for a page that another run is asking for.
    """

    def __init__(
        self, redis: Redis, vault: Vault, fetch: str, sleep: Callable[[float], None]
    ) -> None:
        self.fetch = fetch
        self._redis = redis
        self._vault = vault
        self._sleep = sleep

    def recall(self, question: str) -> Answer | None:
        """Return the answer, waiting a little if another run has just asked; None: ask yourself.

        Without Redis nothing is remembered.
        """
        name = keys.page(self.fetch, _mark(question))
        try:
            for pause in (*_LOOKS, 0.0):
                sealed, is_ours = self._look(name)
                if sealed is not None:
                    return self._opened(sealed)
                if is_ours or not pause:
                    return None
                self._sleep(pause)
        except RedisError as error:
            log.warning("page_not_recalled error=%s", type(error).__name__)
        return None

    def keep(self, question: str, answer: Answer) -> None:
        """Keep an answer, unless the fetch has had its share of room."""
        moment = str(answer.read_at.timestamp()).encode()
        sealed = self._vault.seal_bytes(moment + b"\n" + zlib.compress(answer.body, 1))
        name, size = keys.page(self.fetch, _mark(question)), keys.fetch_size(self.fetch)
        try:
            if int(text_of(self._redis.get(size) or 0)) + len(sealed) > MOST_BYTES:
                return
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.set(name, sealed, ex=KEEP_SECONDS)
                pipe.incrby(size, len(sealed))
                pipe.expire(size, KEEP_SECONDS)
                pipe.delete(keys.page_asked(name))
                pipe.execute()
        except RedisError as error:
            log.warning("page_not_kept error=%s", type(error).__name__)

    def _look(self, name: str) -> tuple[bytes | None, bool]:
        """Return the sealed page if it is there; else whether it is ours to ask for."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.getex(name, ex=KEEP_SECONDS)
            pipe.set(keys.page_asked(name), "1", nx=True, ex=_ASKING_SECONDS)
            sealed, is_ours = pipe.execute()
        if sealed is not None and is_ours:
            self._redis.delete(keys.page_asked(name))
        return sealed, bool(is_ours)

    def _opened(self, sealed: bytes) -> Answer | None:
        try:
            moment, _, body = self._vault.open_bytes(sealed).partition(b"\n")
        except ConfigError:  # the keys were changed meanwhile: it is asked for again
            return None
        return Answer(zlib.decompress(body), datetime.fromtimestamp(float(moment), UTC))


class FetchStore:
    """Which fetches of an account are under way or fresh, so that runs can share their pages."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def join(
        self, account: str, kind: str, wanted: Span | None, now: datetime, age: timedelta
    ) -> Fetch:
        """Return a fetch that serves, begun at most `age` ago by somebody; or a new one.

        kind: what tells readings apart beside the span: the entity, and whether it is read whole.
        """
        name = keys.fetches(account, kind)
        mine, found = Fetch(secrets.token_hex(8), now, wanted), list[Fetch]()

        def transact(pipe: Pipeline) -> None:
            known = [codec.load(Fetch, text_of(raw)) for raw in pipe.zrange(name, 0, -1, desc=True)]
            found[:] = [fetch for fetch in known if fetch.serves(wanted, now, age)]
            pipe.multi()
            if not found:
                pipe.zadd(name, {codec.dump(mine): now.timestamp()})
                pipe.zremrangebyscore(name, "-inf", now.timestamp() - KEEP_SECONDS)
                pipe.expire(name, KEEP_SECONDS)

        self._redis.transaction(transact, name)  # of two runs at once one joins the other
        return found[0] if found else mine


def _mark(question: str) -> str:
    return hashlib.sha256(json.dumps(question).encode()).hexdigest()[:32]
