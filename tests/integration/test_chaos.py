"""The short version of the chaos test; `make chaos` runs the long one."""

from __future__ import annotations

import pytest

from tests.integration.chaos import wreak

pytestmark = [pytest.mark.integration, pytest.mark.timeout(420)]


def test_kills_faults_and_clicks_leave_every_tab_whole_and_no_slot_lost_or_doubled() -> None:
    done = wreak(seconds=25, seed=3)

    assert sum(times for what, times in done.items() if "SIG" in what) >= 3
