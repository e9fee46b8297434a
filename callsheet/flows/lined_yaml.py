"""YAML that knows its lines: a small, safe part of the language.

Mappings, lists and text; no anchors, one document; tags are passed over. PyYAML's parser gives
the events; values are made here and stay text for whoever knows their kind, because YAML 1.1 would
turn `no` into false, 12:30 into 750 and a date into an object, and would forget both the line of a
value and the first of two equal keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from callsheet.errors import InvalidRequest

Path = tuple[str | int, ...]

LONGEST = 64 * 1024  # characters
_DEEPEST = 10
_NOTHING = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class Lined:
    """A value, and the line (from 1) on which each of its parts begins, by the way to it."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """Return the line of this part, or of the nearest that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str) -> Lined:
    """Return the text's one document. Raises InvalidRequest naming the line."""
    if len(text) > LONGEST:
        raise InvalidRequest(
            message=f"The file is too large. Keep it under {LONGEST // 1024} KB: a flow needs only "
            "what differs from the defaults."
        )
    read = Lined(None)
    try:
        events = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        value = _document(events, read.lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _wrong(line, f"this is not YAML ({error.problem}). Check the indentation.") from None
    except yaml.YAMLError:
        raise _wrong(1, "this is not text that YAML allows. Save the file as UTF-8.") from None
    return Lined(value, read.lines)


def _document(events: Iterator[Any], lines: dict[Path, int]) -> Any:
    value, documents = None, 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _wrong(_line(event), "a second document begins. Keep one to a file.")
        elif isinstance(event, yaml.NodeEvent):
            value = _value(event, events, (), lines)
    return value


def _value(event: Any, events: Iterator[Any], path: Path, lines: dict[Path, int]) -> Any:
    lines.setdefault(path, _line(event))
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _wrong(_line(event), "anchors (& and *) are not known here. Repeat the value.")
    if len(path) > _DEEPEST:
        raise _wrong(_line(event), "this is nested too deeply. See `callsheet flows export`.")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        return _list(events, path, lines)
    return _mapping(events, path, lines)


def _list(events: Iterator[Any], path: Path, lines: dict[Path, int]) -> list[Any]:
    found: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        found.append(_value(event, events, (*path, len(found)), lines))
    return found


def _mapping(events: Iterator[Any], path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        if not isinstance(event, yaml.ScalarEvent):
            raise _wrong(_line(event), "a name has to stand before the colon.")
        key = event.value
        if key in found:
            raise _wrong(_line(event), f"“{key[:40]}” stands here twice. Remove one of them.")
        lines[(*path, key)] = _line(event)
        found[key] = _value(next(events), events, (*path, key), lines)
    return found


def _scalar(event: Any) -> str | None:
    is_quoted = not event.implicit[0]
    text: str = event.value
    return None if text in _NOTHING and not is_quoted else text


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _wrong(line: int, what: str) -> InvalidRequest:
    return InvalidRequest(message=f"Line {line}: {what}")
