"""Plays recordings of the real API against the stand-in: `python -m sandbox.sheets.replay PATH`."""

from __future__ import annotations

import http.client
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.http_server import HttpServer
from sandbox.sheets.app import create_app
from sandbox.sheets.compare import ID_KEYS, difference, translated
from sandbox.sheets.errors import Json, not_found
from sandbox.sheets.state import State
from sandbox.sheets.workbook import Workbook, new_workbook

PLAYER = "player@callsheet.example"
HOSTS = {"sheets.googleapis.com", "www.googleapis.com"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request with the answer Google gave."""

    file: str
    number: int
    method: str
    target: str
    body: str | None
    status: int
    headers: dict[str, list[str]]
    answer: str

    @property
    def kind(self) -> str:
        """Return which method of the API it is, by its address."""
        path = urlsplit(self.target).path
        if path.startswith("/drive/v3/files"):
            tail = path.removeprefix("/drive/v3/files")
            what = (
                "files" if not tail else "file" if tail.count("/") == 1 else tail.rpartition("/")[2]
            )
            return f"{self.method} drive {what}"
        tail = path.removeprefix("/v4/spreadsheets").partition("/")[2].partition("/")[2]
        verb = re.search(r":(\w+)$", path)
        if verb and verb.group(1) == "batchUpdate" and not tail and self.body:
            kinds = [next(iter(r), "?") for r in json.loads(self.body).get("requests", [])]
            return f"batchUpdate {'+'.join(dict.fromkeys(kinds))}"
        name = "values" if tail.startswith("values") else "spreadsheet"
        return f"{self.method} {name}{':' + verb.group(1) if verb else ''}"


@dataclass(frozen=True, slots=True)
class Played:
    """A recorded exchange beside the stand-in's answer to the same request."""

    recorded: Recorded
    difference: str | None


@dataclass(slots=True)
class Report:
    """What a replay came to."""

    played: list[Played] = field(default_factory=list)
    telling: set[tuple[str, int]] = field(default_factory=set)

    def differing(self) -> dict[tuple[str, int], Played]:
        """Return the exchanges that disagree, by file and number."""
        return {
            (one.recorded.file, one.recorded.number): one
            for one in self.played
            if one.difference is not None
        }

    def by_kind(self) -> dict[str, tuple[int, int]]:
        """Return how many of each kind agree, and of how many."""
        counts: dict[str, tuple[int, int]] = {}
        for one in self.played:
            agree, total = counts.get(one.recorded.kind, (0, 0))
            counts[one.recorded.kind] = (agree + (one.difference is None), total + 1)
        return counts

    def telling_agreement(self) -> tuple[int, int]:
        """Return how many exchanges that need memory agree, and of how many."""
        wrong = sum(key in self.telling for key in self.differing())
        return len(self.telling) - wrong, len(self.telling)

    def lines(self) -> Iterator[str]:
        """Yield the report as text."""
        counts = self.by_kind()
        for kind, (agree, total) in sorted(counts.items(), key=lambda item: -item[1][1]):
            yield f"{agree:5d} of {total:5d}  {agree / total:7.1%}  {kind}"
        agree, total = (sum(pair[at] for pair in counts.values()) for at in (0, 1))
        yield f"{agree:5d} of {total:5d}  {agree / max(total, 1):7.1%}  all exchanges"
        agree, total = self.telling_agreement()
        yield f"{agree:5d} of {total:5d}  {agree / max(total, 1):7.1%}  telling exchanges"


class ForgetfulState(State):
    """A stand-in that answers every write and keeps none: what it gets right tells nothing."""

    @contextmanager
    def change(self, file_id: str) -> Iterator[Workbook]:
        """Lend a draft and throw it away."""
        if file_id not in self.books:
            raise not_found()
        yield self.books[file_id].copy()


def load(folder: Path) -> Iterator[list[Recorded]]:
    """Yield the sequences of all recordings: each starts with a new spreadsheet."""
    for path in sorted(folder.glob("*.json")):
        sequence: list[Recorded] = []
        ended = False
        for number, raw in enumerate(json.loads(path.read_text("utf-8"))["interactions"]):
            one = _recorded(path.name, number, raw)
            creates = one.method == "POST" and urlsplit(one.target).path == "/drive/v3/files"
            if creates and ended:
                yield sequence
                sequence, ended = [], False
            ended = ended or one.method == "DELETE"
            sequence.append(one)
        if sequence:
            yield sequence


def _recorded(file: str, number: int, raw: Json) -> Recorded:
    request, response = raw["request"], raw["response"]
    parts = urlsplit(request["uri"])
    if parts.netloc not in HOSTS:
        raise ValueError(f"{file}: request {number} goes to {parts.netloc}")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {name.lower(): values for name, values in response["headers"].items()}
    answer = response["body"].get("string", "")
    return Recorded(
        file, number, request["method"], target, request["body"], response["status"]["code"],
        headers, answer,
    )  # fmt: skip


class Player:
    """Plays sequences over HTTP, each against an empty stand-in."""

    def __init__(self, make_state: type[State]) -> None:
        self._make_state = make_state
        self._app: Any = None
        self._server = HttpServer(self._call, host="127.0.0.1", port=0, server_name="ESF")
        self._token = ""
        self._ours: dict[str, str] = {}

    def _call(self, environ: Json, start_response: Any) -> Iterable[bytes]:
        found: Iterable[bytes] = self._app(environ, start_response)
        return found

    def play(self, sequences: Iterable[list[Recorded]]) -> list[Played]:
        """Return what came of every exchange."""
        self._server.start()
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=30)
        try:
            return [one for sequence in sequences for one in self._sequence(connection, sequence)]
        finally:
            connection.close()
            self._server.stop()

    def _sequence(
        self, connection: http.client.HTTPConnection, sequence: list[Recorded]
    ) -> Iterator[Played]:
        state = self._make_state()
        state.quota.limits = type(state.quota.limits)(enabled=False)
        _set_the_scene(state, sequence)
        self._app = create_app(state)
        self._token = state.accounts.issue(PLAYER)
        self._ours = {}
        for one in sequence:
            yield Played(one, self._exchange(connection, one))

    def _exchange(self, connection: http.client.HTTPConnection, one: Recorded) -> str | None:
        headers = {"Authorization": f"Bearer {self._token}"}
        if one.body is not None:
            headers["Content-Type"] = "application/json"
        body = None if one.body is None else self._translated(one.body).encode()
        connection.request(one.method, self._translated(one.target), body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != one.status:
            return f"status {answer.status} for {one.status}: {text[:300]}"
        return self._headers(one, answer) or self._body(one.answer, text)

    def _translated(self, text: str) -> str:
        """Return a request with our ids in the place of the recorded ones."""
        for recorded, ours in self._ours.items():
            text = re.sub(rf"(?<![\w-]){re.escape(recorded)}(?![\w-])", ours, text)
        return text

    def _headers(self, one: Recorded, answer: http.client.HTTPResponse) -> str | None:
        def content_type(values: list[str]) -> str:
            return ";".join(values).replace(" ", "").lower()

        ours = content_type(answer.headers.get_all("Content-Type") or [])
        if ours != content_type(one.headers.get("content-type", [])):
            return f"Content-Type {ours}"
        if one.target.startswith("/v4"):
            for name in ("Cache-Control", "Vary"):
                found = answer.headers.get_all(name)
                if found != one.headers.get(name.lower()):
                    return f"{name} {found}"
        return None

    def _body(self, recorded: str, ours: str) -> str | None:
        try:
            wanted = json.loads(recorded)
        except ValueError:
            return None if recorded == ours else f"text {ours[:200]!r} for {recorded[:200]!r}"
        if not (ours.endswith("\n") and re.match(r"\{(\n  |\})", ours)):
            return "not written as Google writes JSON"
        found = json.loads(ours)
        self._learn(wanted, found)
        back = {ours: recorded for recorded, ours in self._ours.items()}
        return difference(wanted, translated(found, back), "")

    def _learn(self, wanted: Any, found: Any) -> None:
        """Note which of our ids stand for which recorded ones."""
        if isinstance(wanted, list) and isinstance(found, list):
            for one, two in zip(wanted, found, strict=False):
                self._learn(one, two)
        if not (isinstance(wanted, dict) and isinstance(found, dict)):
            return
        for key, value in wanted.items():
            if key in ID_KEYS and isinstance(value, str | int) and value and found.get(key):
                self._ours.setdefault(str(value), str(found[key]))
            self._learn(value, found.get(key))


def _set_the_scene(state: State, sequence: list[Recorded]) -> None:
    """Make the files that were there before a sequence: listed but not made by it, or refused."""
    for one in sequence:
        if one.status == 403:
            private = re.findall(r"/spreadsheets/([\w-]+)", one.target)
            state.add(new_workbook(private[0], "Private", "somebody@callsheet.example"))
    made = {json.loads(one.answer).get("id") for one in sequence if one.kind == "POST drive files"}
    for one in sequence:
        listed = json.loads(one.answer).get("files", []) if one.kind == "GET drive files" else []
        for entry in listed:
            if entry["id"] not in made and entry["id"] not in state.files:
                state.add(new_workbook(entry["id"], entry["name"], PLAYER))
                file = state.files[entry["id"]]
                file.created = datetime.fromisoformat(entry["createdTime"]).timestamp()
                file.modified = datetime.fromisoformat(entry["modifiedTime"]).timestamp()


def replay(folder: Path) -> Report:
    """Play all recordings of a folder."""
    sequences = list(load(folder))
    report = Report(Player(State).play(sequences))
    forgetful = Report(Player(ForgetfulState).play(sequences))
    report.telling = set(forgetful.differing())
    return report


def main(arguments: list[str]) -> int:
    """Play the recordings of a folder and say what came of it."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m sandbox.sheets.replay FOLDER\n")
        return 2
    report = replay(Path(arguments[0]))
    for (file, number), one in report.differing().items():
        sys.stdout.write(f"{file} {number} {one.recorded.kind}: {one.difference}\n")
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
