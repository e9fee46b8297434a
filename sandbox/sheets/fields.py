"""Field masks: of answers (`fields=`) and of updates."""

from __future__ import annotations

import re
from typing import Any

from sandbox.sheets.errors import Json, Refusal, violations
from sandbox.sheets.schema import TYPES, names
from sandbox.sheets.style import paired_colors

# A tree of names; a name with an empty tree is taken whole.
Mask = dict[str, Any]


class BadMask(Exception):
    """A mask that does not fit its message; carries the path at fault."""


def parse(text: str) -> Mask:
    """Read ``a,b.c,d/e,f(g,h)`` into a tree."""
    tokens = re.findall(r"[^,()\s]+|[,()]", text)
    mask: Mask = {}
    stack = [[mask]]
    last: list[Mask] = []
    for token in tokens:
        if token == "(":
            stack.append(last)
        elif token == ")":
            if len(stack) == 1:
                raise BadMask(text)
            stack.pop()
        elif token != ",":
            last = [_put(parent, re.split(r"[./]", token.strip("./"))) for parent in stack[-1]]
    if len(stack) != 1:
        raise BadMask(text)
    return mask


def _put(mask: Mask, path: list[str]) -> Mask:
    for name in path:
        mask = mask.setdefault(name, {})
    return mask


def resolve(mask: Mask, type_name: str, path: str = "") -> Mask:
    """Return the mask in JSON names, checked against a message; ``*`` empties it."""
    if "*" in mask:
        return {}
    spelled, kinds = names(type_name), TYPES[type_name]
    result: Mask = {}
    for name, inner in mask.items():
        where = f"{path}.{name}" if path else name
        field = spelled.get(name)
        if field is None:
            raise BadMask(where)
        kind = kinds[field].lstrip("[{")
        if inner and "*" not in inner:
            if kind[0] != "#":
                if kind != "any" and not kinds[field].startswith("{"):
                    raise BadMask(f"{where}.{next(iter(inner))}")
                result[field] = inner
                continue
            inner = resolve(inner, kind[1:], where)
        else:
            inner = {}
        known = result.get(field)
        result[field] = {} if known == {} or not inner else {**(known or {}), **inner}
    return result


def of_answer(text: str, type_name: str) -> Mask:
    """Return the mask of a ``fields`` parameter, or raise Google's 400."""
    try:
        return resolve(parse(text), type_name)
    except BadMask as error:
        description = (
            "Error expanding 'fields' parameter. Cannot find matching fields for path"
            f" '{error.args[0]}'."
        )
        raise violations([(text, description)], "Request contains an invalid argument.") from error


def of_update(text: str | None, type_name: str) -> Mask:
    """Return the mask of an update inside a batch; empty means every field."""
    if not text:
        raise Refusal(
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    try:
        parsed = parse(text)
        # A mask may name the message itself first: ``properties.title`` for ``title``.
        return resolve(parsed, type_name)
    except BadMask as error:
        raise Refusal(f"Invalid field: {error.args[0]}") from error


def pick(value: Any, mask: Mask) -> Any:
    """Return only what the mask names."""
    if not mask:
        return value
    if isinstance(value, list):
        return [pick(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: pick(item, mask[name]) if mask[name] else item
        for name, item in value.items()
        if name in mask
    }


def _twins(mask: Mask) -> Mask:
    """Add to each colour of a mask its style and the other way round."""
    added: Mask = {}
    for name in mask:
        if name.endswith("ColorStyle"):
            added[name.removesuffix("Style")] = {}
        elif name.endswith("Color") and name not in {"rgbColor", "themeColor"}:
            added[name + "Style"] = {}
    return {**mask, **added}


def update(old: Json, new: Json, mask: Mask) -> Json:
    """Return ``old`` with the fields of the mask taken from ``new``, absent ones removed."""
    if not mask:
        return dict(paired_colors(new))
    given = paired_colors(new)
    result = dict(old)
    for name, inner in _twins(mask).items():
        if inner:
            nested = update(result.get(name, {}), given.get(name, {}), inner)
            _set(result, name, nested or None)
        else:
            _set(result, name, given.get(name))
    return result


def _set(result: Json, name: str, value: Any) -> None:
    # A colour style without a colour is how a colour is taken away.
    if value is None or (name.endswith("ColorStyle") and not value):
        result.pop(name, None)
    else:
        result[name] = value
