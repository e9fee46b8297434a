"""Reads the search language of Drive's files.list as far as clients of Sheets use it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sandbox.sheets.errors import DriveError
from sandbox.sheets.state import SPREADSHEET, DriveFile

Test = Callable[[DriveFile], bool]
_TOKEN = re.compile(r"""\s*(\(|\)|!=|=|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[A-Za-z]+)""")


def _wrong() -> DriveError:
    return DriveError(400, "invalid", "Invalid Value", "q")


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong()
        found.append(match.group(1))
        at = match.end()
    return found


def _text(token: str) -> str:
    if token[:1] not in {"'", '"'}:
        return token
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _term(field: str, operator: str, value: str) -> Test:
    wanted = _text(value)
    if field == "name" and operator == "contains":
        words = wanted.casefold()
        return lambda file: any(
            file.name.casefold()[at.start() :].startswith(words)
            for at in re.finditer(r"\b|^", file.name.casefold())
        )
    readers: dict[str, Callable[[DriveFile], str]] = {
        "name": lambda file: file.name,
        "mimeType": lambda _: SPREADSHEET,
        "trashed": lambda _: "false",
        "starred": lambda _: "false",
        "sharedWithMe": lambda _: "false",
    }
    if field not in readers or operator not in {"=", "!="}:
        raise _wrong()
    reader = readers[field]
    return lambda file: (reader(file) == wanted) is (operator == "=")


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens: Iterator[str] = iter([*tokens, ""])
        self._now = next(self._tokens)

    def _take(self) -> str:
        taken, self._now = self._now, next(self._tokens, "")
        return taken

    def either(self) -> Test:
        tests = [self._both()]
        while self._now.lower() == "or":
            self._take()
            tests.append(self._both())
        return lambda file: any(test(file) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._now.lower() == "and":
            self._take()
            tests.append(self._one())
        return lambda file: all(test(file) for test in tests)

    def _one(self) -> Test:
        if self._now.lower() == "not":
            self._take()
            test = self._one()
            return lambda file: not test(file)
        if self._now == "(":
            self._take()
            test = self.either()
            if self._take() != ")":
                raise _wrong()
            return test
        first, operator, second = self._take(), self._take(), self._take()
        if operator.lower() == "in":
            if first == "parents":  # either way round: gspread asks ``parents in "id"``
                first, second = second, first
            wanted = _text(first)
            if second == "parents":
                return lambda file: wanted in (file.parents or ["root"])
            if second in {"writers", "readers", "owners"}:
                return lambda file: wanted in file.roles
            raise _wrong()
        return _term(first, operator, second)

    def done(self) -> bool:
        return not self._now


def compiled(query: str) -> Test:
    """Return the test a search text means."""
    if not query.strip():
        return lambda _: True
    parser = _Parser(_tokens(query))
    test = parser.either()
    if not parser.done():
        raise _wrong()
    return test
