"""A list as a source of pages: what is asked for, and how an answer is found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from callsheet.aircall.page import Body, Page, page_of
from callsheet.page_memory import question_of


class Asking(Protocol):
    """What a list needs of a client."""

    def recalled(self, question: str, path: str) -> Body | None:
        """Return what is remembered."""
        ...

    def fetched(
        self, question: str, path: str, query: Mapping[str, str | int], ticket: str
    ) -> Body:
        """Return what the source answers, and remember it."""
        ...

    def wait_for_budget(self) -> str:
        """Return the ticket of a request that may be sent now."""
        ...

    def ticket_at_once(self) -> str | None:
        """Return the ticket of a request that may be sent now; None if it would have to wait."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """One list as a source of pages. again: how often it has been read before."""

    client: Asking
    path: str
    records_key: str
    parameters: Mapping[str, str | int]
    per_page: int
    again: int

    def recalled(self, number: int) -> Page | None:
        """Return the page if the client remembers it."""
        body = self.client.recalled(self._question(number), self.path)
        return None if body is None else self._page(body, number)

    def ticket(self, *, may_wait: bool) -> str | None:
        """Return what allows one request; None where that means waiting and may not."""
        return self.client.wait_for_budget() if may_wait else self.client.ticket_at_once()

    def fetched(self, number: int, ticket: str) -> Page:
        """Return the page from the source. Raises SourceError."""
        question, query = self._question(number), self._query(number)
        return self._page(self.client.fetched(question, self.path, query, ticket), number)

    def _query(self, number: int) -> dict[str, str | int]:
        return {**self.parameters, "page": number, "per_page": self.per_page}

    def _question(self, number: int) -> str:
        return question_of(self.path, self._query(number), self.again)

    def _page(self, body: Body, number: int) -> Page:
        return page_of(body, self.path, self.records_key, number, self.per_page)
