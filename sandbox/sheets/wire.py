"""Writes JSON as Google does: two spaces, whole doubles without a point, a newline at the end."""

from __future__ import annotations

import json
import math
from json.encoder import encode_basestring
from typing import Any


def number(value: float) -> str:
    """Return a number as it stands on the wire."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if not math.isfinite(value):
        return '"NaN"' if math.isnan(value) else ('"Infinity"' if value > 0 else '"-Infinity"')
    return repr(value)


def scalar(value: Any) -> str:
    """Return one JSON scalar."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    return number(value)


def _write(value: Any, indent: str, out: list[str]) -> None:
    inner = indent + "  "
    if isinstance(value, dict):
        if not value:
            out.append("{}")
            return
        before = "{\n" + inner
        for key, item in value.items():
            out.append(f"{before}{encode_basestring(key)}: ")
            _write(item, inner, out)
            before = ",\n" + inner
        out.append(f"\n{indent}}}")
    elif isinstance(value, list | tuple):
        _write_list(value, indent, out)
    else:
        out.append(scalar(value))


def _write_list(value: list[Any] | tuple[Any, ...], indent: str, out: list[str]) -> None:
    if not value:
        out.append("[]")
        return
    inner = indent + "  "
    if not isinstance(value[0], dict | list | tuple):
        # Rows of cells are most of what is ever sent: one join instead of a call for each.
        out.append(f"[\n{inner}" + f",\n{inner}".join(map(scalar, value)) + f"\n{indent}]")
        return
    before = "[\n" + inner
    for item in value:
        out.append(before)
        _write(item, inner, out)
        before = ",\n" + inner
    out.append(f"\n{indent}]")


def dumps(value: Any, *, pretty: bool = True) -> str:
    """Return the text of an answer."""
    if not pretty:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    out: list[str] = []
    _write(value, "", out)
    out.append("\n")
    return "".join(out)
