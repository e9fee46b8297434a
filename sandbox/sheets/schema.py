"""Checks request bodies against Google's own description of its messages (schema.json)."""

from __future__ import annotations

import json
import re
import struct
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sandbox.sheets.errors import Json, violations

TYPES: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
)
PACKAGE = "type.googleapis.com/google.apps.sheets.v4."
# Zero, false and the empty string are left out of answers, but for these fields, whose absence
# means something else than zero.
KEPT_ZEROS = {
    "GridRange": {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"},
    "DimensionRange": {"startIndex", "endIndex"},
    "TextFormat": {"bold", "italic", "strikethrough", "underline"},
    "ExtendedValue": {"numberValue", "stringValue", "boolValue", "formulaValue"},
    "SheetProperties": {"sheetId", "index"},
    "GridProperties": {"rowCount", "columnCount"},
}
SCALARS = {
    "int32": "TYPE_INT32",
    "int64": "TYPE_INT64",
    "double": "TYPE_DOUBLE",
    "float": "TYPE_FLOAT",
    "boolean": "TYPE_BOOL",
    "string": "TYPE_STRING",
    "google-fieldmask": "type.googleapis.com/google.protobuf.FieldMask",
    "google-datetime": "type.googleapis.com/google.protobuf.Timestamp",
}
Found = list[tuple[str, str]]


def snake(name: str) -> str:
    """Return the proto spelling of a JSON name, which errors use."""
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


@cache
def names(type_name: str) -> dict[str, str]:
    """Return every accepted spelling of a type's fields, each with its JSON name."""
    fields = TYPES[type_name]
    return {snake(field): field for field in fields} | {field: field for field in fields}


@lru_cache(maxsize=4096)
def float32(value: float) -> float:
    """Return the shortest decimal of the nearest single-precision number."""
    packed = struct.pack("f", value)
    for digits in range(6, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == packed:
            return short
    return value


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _join(path: str, name: str) -> str:
    return f"{path}.{snake(name)}" if path else snake(name)


def _integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    return None


def _real(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


READERS = {
    "int32": _integer,
    "int64": _integer,
    "double": _real,
    "float": _real,
    "boolean": _boolean,
    "string": _text,
    "google-fieldmask": _text,
    "google-datetime": _text,
}


class Reader:
    """Reads one body, gathering what is wrong with it."""

    def __init__(self) -> None:
        self.found: Found = []

    def message(self, type_name: str, value: Any, path: str) -> Json:
        """Return the message with canonical names and without nulls and plain zeros."""
        if not isinstance(value, dict):
            self._wrong(path, PACKAGE + type_name, value)
            return {}
        spelled, kinds = names(type_name), TYPES[type_name]
        kept = KEPT_ZEROS.get(type_name, ())
        clean: Json = {}
        for given, item in value.items():
            field = spelled.get(given)
            if field is None:
                self._unknown(given, path)
                continue
            if item is None:
                continue
            read = self.value(kinds[field], item, _join(path, field), type_name, field)
            if read or field in kept or isinstance(read, dict | list):
                clean[field] = read
        return clean

    def value(self, kind: str, value: Any, path: str, owner: str = "", field: str = "") -> Any:
        """Return one value read as its kind."""
        if kind[0] == "#":
            return self.message(kind[1:], value, path)
        if kind[0] == "[":
            return self._items(kind[1:], value, path, owner, field)
        if kind[0] == "{":
            items = value if isinstance(value, dict) else {}
            return {key: self.value(kind[1:], item, path) for key, item in items.items()}
        if kind == "any":
            return value
        if kind.startswith("enum:"):
            return self._choice(kind, value, path, owner, field)
        read = READERS[kind](value)
        if read is None:
            self._wrong(path, SCALARS[kind], value)
            return None
        return float32(read) if kind == "float" else read

    def _items(self, kind: str, value: Any, path: str, owner: str, field: str) -> list[Any]:
        if not isinstance(value, list):
            # Google's reader takes a lone item for a list of one.
            return [self.value(kind, value, path, owner, field)]
        return [
            self.value(kind, item, f"{path}[{at}]", owner, field) for at, item in enumerate(value)
        ]

    def _choice(self, kind: str, value: Any, path: str, owner: str, field: str) -> str | None:
        choices = kind[5:].split("|")
        if value in choices:
            return str(value)
        if isinstance(value, int) and 0 <= value < len(choices):
            return choices[value]
        self._wrong(path, f"{PACKAGE}{owner}.{field[0].upper()}{field[1:]}", value)
        return None

    def _wrong(self, path: str, type_text: str, value: Any) -> None:
        if isinstance(value, list):
            where, _, name = path.rpartition(".")
            at = f" at '{where}'" if where else ""
            text = "Proto field is not repeating, cannot start list."
            self.found.append(
                (where, f'Invalid JSON payload received. Unknown name "{name}"{at}: {text}')
            )
            return
        self.found.append((path, f"Invalid value at '{path}' ({type_text}), {_shown(value)}"))

    def _unknown(self, name: str, path: str) -> None:
        at = f" at '{path}'" if path else ""
        text = f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
        self.found.append((path, text))


def read(type_name: str, value: Any, path: str = "") -> Json:
    """Return the body checked and normalised, or raise the 400 that names each fault."""
    reader = Reader()
    clean = reader.message(type_name, value, path)
    if reader.found:
        raise violations(reader.found)
    return clean
