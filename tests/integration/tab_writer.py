"""A process of its own that holds a tab and writes into a list, asking the guard before each write.

Each entry is the holder's number. The list stands for the tab: a write is what cannot be undone.
Between two writes it says that it is at rest.
"""

from __future__ import annotations

import sys
import time

from redis import Redis

from callsheet.errors import LeaseLost, TabInUse
from callsheet.store.locks import TabLocks


def main() -> None:
    """Arguments: Redis, seconds that a lock lasts, writes a holder, seconds between writes."""
    url, seconds, writes, pause = sys.argv[1:]
    with Redis.from_url(url) as redis:
        locks = TabLocks(redis, seconds=float(seconds))
        while True:
            try:
                with locks.hold("sheet", "flow") as holding:
                    print(holding.token.number, flush=True)
                    for _ in range(int(writes)):
                        holding.guard()
                        redis.rpush("test:tab", holding.token.number)
                        redis.set("test:at rest", holding.token.number)
                        time.sleep(float(pause))
                        redis.delete("test:at rest")
            except LeaseLost:
                print("stopped", flush=True)
                return
            except TabInUse:
                time.sleep(0.01)


if __name__ == "__main__":
    main()
