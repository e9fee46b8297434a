"""`callsheet run` starts everything with a Redis of its own; `callsheet doctor` finds it well."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.conftest import Outside, free_port
from tests.integration.processes import ROOT, settings_for, until

pytestmark = pytest.mark.integration


@pytest.fixture
def environment(outside: Outside) -> Iterator[dict[str, str]]:
    folder = Path(tempfile.mkdtemp(prefix="cs-"))
    port = free_port()
    yield settings_for(
        outside.addresses,
        PORT=str(port),
        CALLSHEET_PUBLIC_URL=f"http://127.0.0.1:{port}",
        CALLSHEET_DATA_DIR=str(folder),
        # Any page that answers: whether tokens verify is tested elsewhere.
        CALLSHEET_IDENTITY_CERTS_URL=f"{outside.addresses['sheets_url']}/_admin/quota",
    )
    shutil.rmtree(folder, ignore_errors=True)


def doctor(environment: dict[str, str]) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "callsheet", "doctor"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout.splitlines()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_run_brings_everything_up_and_down_and_the_doctor_is_content(
    environment: dict[str, str],
) -> None:
    command = [sys.executable, "-m", "callsheet", "run"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    ready = f"{environment['CALLSHEET_PUBLIC_URL']}/readyz"
    try:
        until(lambda: answers(ready), 30, "the web process and Redis answer")
        status, lines = doctor(environment)

        assert status == 0, lines
        assert len(lines) == 8
        assert all(line.startswith("✓") for line in lines)
        assert environment["AIRCALL_API_TOKEN"] not in "".join(lines)
    finally:
        process.terminate()
        process.wait(20)

    until(lambda: not answers(ready), 10, "nothing answers any more")
    assert not (Path(environment["CALLSHEET_DATA_DIR"]) / "redis.sock").exists()


def test_the_doctor_says_what_is_wrong_and_what_to_do(
    environment: dict[str, str], outside: Outside, tmp_path: Path
) -> None:
    other = {"email": "other@callsheet-sandbox.iam.gserviceaccount.com"}
    file = tmp_path / "other.json"
    file.write_text(outside.google("POST", "/accounts", other).text)
    pool = f"{environment['GOOGLE_SERVICE_ACCOUNT_FILE']} {file}"
    environment = {**environment, "GOOGLE_SERVICE_ACCOUNT_FILE": pool}
    status, lines = doctor({**environment, "AIRCALL_API_TOKEN": "wrong"})

    wrong = [line for line in lines if line.startswith("✗")]
    assert status == 1
    assert any("Redis does not answer" in line and "callsheet run" in line for line in wrong)
    assert any("does not accept this API ID and token" in line for line in wrong)
    (good,) = [line for line in lines if line.startswith("✓ Google")]
    assert "accepts the service accounts" in good
    assert other["email"] in good

    outside.google("POST", f"/accounts/{other['email']}/revoke")
    (bad,) = [line for line in doctor(environment)[1] if line.startswith("✗ Google")]
    assert bad.startswith(f"✗ Google: {other['email']}: Google does not accept")
    assert outside.service_account not in bad
