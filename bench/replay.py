"""A server that asks the stand-in for each page once and then repeats the answer from memory.

It takes the stand-in's own work out of a comparison: the answers are the same bytes, and repeating
one takes a fraction of what making it takes. Started by the benchmarks, with the address of the
stand-in and a port as its arguments; `GET /_replay` tells how many requests it has had and
starts to count again.
"""

from __future__ import annotations

import asyncio
import json
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class Replay:
    """Answers GET requests on connections that live on."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._kept: dict[str, bytes] = {}
        self._requests = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it is closed."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                writer.write(self._answer(head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, head: str) -> bytes:
        target = head.split(" ", 2)[1]
        if target == "/_replay":
            count, self._requests = self._requests, 0
            return _message(200, json.dumps({"total": count}).encode())
        self._requests += 1
        if target not in self._kept:
            self._kept[target] = self._ask(target, head)
        return self._kept[target]

    def _ask(self, target: str, head: str) -> bytes:
        lines = (line.partition(":") for line in head.split("\r\n")[1:])
        headers = {name.lower(): value.strip() for name, _, value in lines}
        kept = {"Authorization": headers.get("authorization", "")}
        try:
            with urlopen(Request(self._upstream + target, headers=kept)) as answer:  # noqa: S310
                return _message(answer.status, answer.read())
        except HTTPError as refusal:
            return _message(refusal.code, refusal.read())


def _message(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} .\r\nContent-Type: application/json; charset=utf-8\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def main(upstream: str, port: int) -> None:
    """Serve until ended."""
    server = await asyncio.start_server(Replay(upstream).serve, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
