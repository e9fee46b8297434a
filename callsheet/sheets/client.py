"""SheetsClient: one Google identity, and the few calls that the writer needs, with retries."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from google.auth.exceptions import GoogleAuthError
from gspread.urls import (
    SPREADSHEET_BATCH_UPDATE_URL,
    SPREADSHEET_URL,
    SPREADSHEET_VALUES_BATCH_UPDATE_URL,
    SPREADSHEET_VALUES_BATCH_URL,
)
from requests import RequestException, Response

from callsheet.clock import Clock
from callsheet.errors import (
    ConfigError,
    DestinationError,
    DestinationRateLimited,
    DestinationUnavailable,
)
from callsheet.retry import RetryPolicy, may_try_again, wait_before
from callsheet.sheets.cells import to_json
from callsheet.sheets.quota import LocalQuota, Quota, Way
from callsheet.sheets.refusals import OutcomeUnknown, PlanTooOld, error_for, error_of, read_refusal
from callsheet.sheets.wire import GOOGLE, Wire

log = logging.getLogger(__name__)

Json = dict[str, Any]
Guard = Callable[[], None]
"""Called before every write, after all waiting; raises to stop it."""

_SEARCH_URL = SPREADSHEET_URL + "/developerMetadata:search"


def nothing() -> None:
    """The guard of a write that nothing guards."""


def ignore_answer(_status: str) -> None:
    """What hears of answers where nobody counts them."""


def ignore_wait(_seconds: float) -> None:
    """Nobody wants to hear of a wait."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One request as it is sent, as often as needed."""

    way: Way
    method: str
    url: str
    params: Json
    data: bytes | None = None
    repeatable: bool = True
    guard: Guard = nothing
    send_until: datetime | None = None


class SheetsClient:
    """One Google identity over HTTP: timeouts, and retries that are bounded and know what is safe.

    requests, reads, writes: requests sent, every try counted. All methods raise the
    DestinationError of refusals.py. For one thread at a time.
    """

    def __init__(  # noqa: PLR0913 - what it hears and tells while it waits
        self,
        base_url: str,
        service_account_file: Path,
        *,
        clock: Clock,
        policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        quota: Quota | None = None,
        on_wait: Callable[[float], None] = ignore_wait,
        on_answer: Callable[[str], None] = ignore_answer,
        wire: Wire | None = None,
    ) -> None:
        """Sign in lazily; sends nothing yet.

        base_url: Google's, or another server that then answers for the Sheets API, Drive
        (/drive/v3) and the token endpoint (/token) alike. quota: asked before every try; without
        one, refusals are waited out. on_wait: called with the seconds before each wait for it; what
        it raises ends the wait. on_answer: told the status of each answer, "none" where there was
        none. wire: of an earlier client of the same account, to go on over its connections.
        Raises GoogleCredentialsRejected if the file is not a service account's key.
        """
        self._wire = wire or Wire(base_url or GOOGLE, service_account_file)
        self.clock = clock
        self._policy = policy
        self._quota = quota or LocalQuota(clock)
        self._on_wait = on_wait
        self._on_answer = on_answer
        self.reads = 0
        self.writes = 0

    @property
    def service_account_email(self) -> str:
        """The address that a spreadsheet has to be shared with."""
        return self._wire.account

    @property
    def requests(self) -> int:
        """Requests to Sheets and Drive so far, every try counted; token requests are not."""
        return self.reads + self.writes

    @property
    def bytes_sent(self) -> int:
        """Bytes of all request bodies so far."""
        return self._wire.bytes_sent

    @property
    def bytes_received(self) -> int:
        """Bytes of all answers so far, after decompression."""
        return self._wire.bytes_received

    def close(self) -> None:
        """Give the connections back."""
        self._wire.session.close()

    def read_file(self, spreadsheet_id: str, fields: str, ranges: Sequence[str] = ()) -> Json:
        """Return spreadsheets.get with a field mask; one read.

        ranges: in A1 notation; then only their tabs are named, with only the cells in them.
        """
        url = SPREADSHEET_URL % spreadsheet_id
        params = {"ranges": list(ranges), "fields": fields, "prettyPrint": "false"}
        return self._send(_Call("read", "get", url, params))

    def read_ranges(
        self, spreadsheet_id: str, ranges: Sequence[str], *, by_column: bool = False
    ) -> list[list[list[object]]]:
        """Return the raw values of ranges in A1 notation, in their order; one read.

        Numbers, booleans and strings as stored, date-times as serials; rows (or, by_column,
        columns) of lists without their trailing empty cells.
        """
        params = {
            "ranges": list(ranges),
            "majorDimension": "COLUMNS" if by_column else "ROWS",
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "fields": "valueRanges(range,values)",
            "prettyPrint": "false",
        }
        url = SPREADSHEET_VALUES_BATCH_URL % spreadsheet_id
        answer = self._send(_Call("read", "get", url, params))
        return [item.get("values", []) for item in answer["valueRanges"]]

    def search_metadata(self, spreadsheet_id: str, lookup: Json) -> list[Json]:
        """Return the developer metadata that match one lookup; one read."""
        body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
        url = _SEARCH_URL % spreadsheet_id
        answer = self._send(_Call("read", "post", url, {}, to_json(body)))
        return [item["developerMetadata"] for item in answer.get("matchedDeveloperMetadata", [])]

    def write_ranges(
        self,
        spreadsheet_id: str,
        ranges: Sequence[Json],
        guard: Guard = nothing,
        send_until: datetime | None = None,
    ) -> None:
        """Write ValueRanges, RAW, one write; a repeat at fixed ranges is harmless.

        send_until: after it no try is begun, PlanTooOld is raised: waiting for a quota takes a
        minute, in which a person may have moved the rows.
        """
        body = to_json({"valueInputOption": "RAW", "data": list(ranges)})
        url = SPREADSHEET_VALUES_BATCH_UPDATE_URL % spreadsheet_id
        params = {"fields": "totalUpdatedCells", "prettyPrint": "false"}
        call = _Call("write", "post", url, params, body, guard=guard, send_until=send_until)
        self._send(call)

    def change(
        self,
        spreadsheet_id: str,
        requests: Sequence[Json],
        happened: Callable[[], bool],
        guard: Guard = nothing,
        send_until: datetime | None = None,
    ) -> list[Json]:
        """Make one atomic batchUpdate exactly once; one write. Returns its replies.

        There are none if the answer was lost and the change was found to be there.
        happened: reads back whether the change is there. It is asked when an answer was lost
        after the request may have arrived, and when a repeat is refused (the first try may have
        been carried out late). send_until: as for write_ranges.
        """
        url = SPREADSHEET_BATCH_UPDATE_URL % spreadsheet_id
        body = to_json({"requests": list(requests)})
        params = {"prettyPrint": "false"}
        call = _Call("write", "post", url, params, body, False, guard, send_until)
        for attempt in count(1):
            try:
                return list(self._send(call).get("replies", []))
            except OutcomeUnknown:
                if happened():
                    return []
                if attempt == self._policy.tries:
                    raise
                self.clock.sleep(wait_before(attempt, self._policy))
            except DestinationError:
                if attempt > 1 and happened():
                    return []
                raise
        raise AssertionError("count() has no end")

    def _send(self, call: _Call) -> Json:
        """Send until answered or out of tries; a refusal that time cannot heal raises at once."""
        self._wait_for_quota(call.way)
        began = self.clock.now().timestamp()
        attempt = 0
        while True:
            attempt += 1
            answer, error, closed = self._try(call)
            if error is None:
                return answer
            again = isinstance(error, DestinationRateLimited | DestinationUnavailable)
            if not again:
                raise error
            if isinstance(error, DestinationUnavailable) and not call.repeatable:
                raise OutcomeUnknown(str(error))
            wait = closed or wait_before(attempt, self._policy)
            waited = self.clock.now().timestamp() - began
            if not may_try_again(attempt, waited, wait, self._policy):
                raise error
            log.info("destination_retry way=%s code=%s wait=%.1f", call.way, error.code, wait)
            if closed is None:  # else the quota makes us wait, and everybody who shares it
                self.clock.sleep(wait)
            self._wait_for_quota(call.way)

    def _try(self, call: _Call) -> tuple[Json, DestinationError | ConfigError | None, float | None]:
        """Send once: the answer, or the error and the seconds for which the quota is closed."""
        try:
            if call.send_until is not None and self.clock.now() > call.send_until:
                raise PlanTooOld("a write that was planned before a long wait")
            call.guard()
            self._count(call.way)
            headers = {"Content-Type": "application/json"} if call.data is not None else {}
            response = self._wire.request(
                call.method, call.url, params=call.params, data=call.data, headers=headers
            )
            self._on_answer(str(response.status_code))
            if response.ok:
                return response.json(), None, None
        except (RequestException, GoogleAuthError) as problem:
            self._on_answer("none")
            # requests' own message holds the address with its ranges and titles: not for the log.
            return {}, error_of(problem), None
        finally:
            self._quota.settle(call.way)
        refusal = read_refusal(response)
        error = error_for(refusal, self.service_account_email)
        if not isinstance(error, DestinationRateLimited):
            return {}, error, None
        return {}, error, self._quota.refused(call.way, refusal.limit, _retry_after(response))

    def _wait_for_quota(self, way: Way) -> None:
        """Return when a request may be sent."""
        try:
            while (wait := self._quota.take(way)) > 0:
                self._on_wait(wait)
                self.clock.sleep(wait)
        except BaseException:
            self._quota.settle(way)  # leave the line, so that nobody waits behind us
            raise

    def _count(self, way: Way) -> None:
        if way == "read":
            self.reads += 1
        else:
            self.writes += 1


def _retry_after(response: Response) -> float | None:
    """Return the seconds of a Retry-After, which Google's 429 does not have."""
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isdigit() else None
