"""What a connection may ask of Aircall."""

from __future__ import annotations

import pytest

from tests.builders import a_connection


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({}, 60),
        ({"requests_per_minute": 120}, 120),
        ({"requests_per_minute": 120, "spare_share": 0.9}, 12),
        ({"spare_share": 0.3}, 42),
        ({"requests_per_minute": 1, "spare_share": 0.9}, 1),
    ],
)
def test_what_is_left_for_us_of_the_limit(changes: dict[str, float], left: int) -> None:
    assert a_connection(**changes).own_requests_per_minute(60) == left
