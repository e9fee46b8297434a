"""Bodies of Aircall as JSON: what a strict decoder refuses is read all the same."""

from __future__ import annotations

import pytest

from callsheet.aircall.answers import decode
from callsheet.errors import SourceUnavailable


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"note": "\\ud83d\\ude00"}', "\U0001f600"),
        (b'{"note": "half \\ud83d"}', "half \ud83d"),
        (b'{"note": "=1+1\\u0000"}', "=1+1\x00"),
        (b'{"note": 9007199254740993}', 9007199254740993),
    ],
    ids=["pair", "half a pair", "control", "beyond a double"],
)
def test_what_is_in_a_body_is_kept(body: bytes, value: object) -> None:
    assert decode(body, "/v1/calls") == {"note": value}


@pytest.mark.parametrize("body", [b'{"calls": [', b"<html>", b"", b"[]", b'{"a": "\xff"}'])
def test_a_cut_or_foreign_body_is_worth_another_try(body: bytes) -> None:
    with pytest.raises(SourceUnavailable):
        decode(body, "/v1/calls")
