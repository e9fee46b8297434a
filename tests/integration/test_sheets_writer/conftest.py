"""One stand-in for all tests of the writer, a spreadsheet of its own for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.sheets.quota import Limits
from sandbox.sheets.server import SheetsStandIn
from tests.integration.test_sheets_writer.world import World


@pytest.fixture(scope="session")
def standin() -> Iterator[SheetsStandIn]:
    """The server."""
    with SheetsStandIn() as running:
        # The tests of one minute are many runs of many customers; test_errors.py has the quota on.
        running.state.quota.limits = Limits(enabled=False)
        yield running


@pytest.fixture(scope="session")
def key_file(standin: SheetsStandIn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service account's key."""
    path = tmp_path_factory.mktemp("key") / "account.json"
    path.write_text(json.dumps(standin.service_account_info()))
    return path


@pytest.fixture
def world(standin: SheetsStandIn, key_file: Path) -> Iterator[World]:
    """An empty spreadsheet, no faults."""
    standin.state.faults.clear()
    yield World(standin, key_file)
    standin.state.faults.clear()
