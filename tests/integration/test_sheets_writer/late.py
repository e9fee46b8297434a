"""A wire on which one request is given up by its client and arrives late all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from requests import ConnectTimeout, Response

from callsheet.sheets.wire import Wire
from tests.integration.test_sheets_writer.world import World


class LateWire(Wire):
    """Holds the first change with that word back; it comes just before the next such one.

    meanwhile: what happens when it is given up. answers: the statuses of both.
    """

    def __init__(
        self, world: World, word: bytes, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(world.standin.url, world.key_file)
        self.answers: list[int] = []
        self._word = word
        self._meanwhile = meanwhile
        self._held: tuple[str, str, dict[str, Any]] | None = None

    def request(self, method: str, endpoint: str, *others: Any, **options: Any) -> Response:
        """Send one request, or not yet."""
        if not (endpoint.endswith(":batchUpdate") and self._word in (options["data"] or b"")):
            return super().request(method, endpoint, *others, **options)
        if self._held is None:
            self._held = (method, endpoint, options)
            self._meanwhile()
            raise ConnectTimeout
        if not self.answers:
            first_method, first_endpoint, first = self._held
            answer = super().request(first_method, first_endpoint, **first)
            self.answers.append(answer.status_code)
        answer = super().request(method, endpoint, *others, **options)
        self.answers.append(answer.status_code)
        return answer
