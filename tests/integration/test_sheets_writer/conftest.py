"""One stand-in for all tests of the writer, a spreadsheet of its own for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.sheets.server import SheetsStandIn
from tests.integration.test_sheets_writer.world import World


@pytest.fixture(scope="session")
def standin() -> Iterator[SheetsStandIn]:
    """The server."""
    with SheetsStandIn() as running:
        yield running


@pytest.fixture(scope="session")
def key_file(standin: SheetsStandIn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service account's key."""
    path = tmp_path_factory.mktemp("key") / "account.json"
    path.write_text(json.dumps(standin.service_account_info()))
    return path


@pytest.fixture
def world(standin: SheetsStandIn, key_file: Path) -> Iterator[World]:
    """An empty spreadsheet, no faults, a fresh minute of quota."""
    standin.state.faults.clear()
    standin.state.quota.__init__(standin.state.clock)  # type: ignore[misc]
    yield World(standin, key_file)
    standin.state.faults.clear()
