"""Slices through real processes: cancelled, parked by a deploy, waiting without a worker."""

from __future__ import annotations

import json
import signal
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from redis import Redis
from rq import Worker

from backend.session import SessionSigner
from callsheet.clock import SystemClock
from callsheet.delivery import Channel, Delivery
from callsheet.enqueue import (
    enqueue_delivery,
    enqueue_run,
    enqueue_tab_removal,
    new_run,
    push_token,
    tokens,
    tokens_to_take,
)
from callsheet.flows.ending import cancel
from callsheet.flows.starting import start_run
from callsheet.run import QueueName, Run, RunState, Trigger
from callsheet.settings import Settings
from callsheet.store.deliveries import DeliveryStore, put
from callsheet.store.proofs import ProofStore
from callsheet.store.removals import TabRemoval
from tests.integration.conftest import Outside, free_port
from tests.integration.processes import Processes, until
from tests.integration.stores import stores
from tests.integration.test_worker_processes import SLOW, Office, office

__all__ = ["office"]

pytestmark = pytest.mark.integration


@pytest.fixture
def slow(outside: Outside) -> Iterator[None]:
    """Aircall takes a second for each page of calls."""
    outside.aircall("POST", "/faults", SLOW)
    yield
    outside.aircall("DELETE", "/faults")


def _reading(office: Office, run_id: str) -> Run:
    until(lambda: office.run(run_id).progress.rows_received > 0, 40, "rows are coming")
    return office.run(run_id)


@pytest.mark.usefixtures("slow")
def test_a_running_import_is_cancelled_within_seconds_and_the_tab_is_whole(
    office: Office, processes: Processes, outside: Outside
) -> None:
    processes.start("worker")
    office.press("run")
    run = _reading(office, "run")

    asked = time.monotonic()
    cancel(stores(office.redis), run)
    ended = office.ended("run")

    assert ended.state is RunState.CANCELLED
    assert time.monotonic() - asked < 5
    outside.aircall("DELETE", "/faults")
    office.press("again")
    assert office.ended("again").state is RunState.SUCCEEDED
    office.assert_complete()


@pytest.mark.usefixtures("slow")
def test_a_deploy_parks_the_slice_and_another_worker_goes_on_from_there(
    office: Office, processes: Processes, outside: Outside
) -> None:
    worker = processes.start("worker")
    office.press("run")
    _reading(office, "run")

    told = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(15)

    assert time.monotonic() - told < 10
    parked = office.run("run")
    assert parked.state is RunState.WAITING
    assert office.runs.backlog()[parked.queue] == 1
    outside.aircall("DELETE", "/faults")
    outside.aircall("DELETE", "/requests")
    processes.start("worker")
    ended = office.ended("run", 60)
    assert (ended.state, ended.attempt) == (RunState.SUCCEEDED, 1)
    pages = outside.aircall("GET", "/requests?path=/v1/calls").json()["requests"]
    assert len(pages) < 1 + ended.progress.rows_received / 50, "pages were not asked for again"
    office.assert_complete()


def test_a_run_that_waits_for_its_budget_holds_no_worker(
    office: Office, processes: Processes, outside: Outside
) -> None:
    processes.environment["AIRCALL_REQUESTS_PER_MINUTE"] = "10"
    processes.start("scheduler")
    processes.start("worker")
    office.press("long", Trigger.SCHEDULE)

    waiting = until(
        lambda: (run := office.run("long")).state is RunState.WAITING and run, 60, "it waits"
    )

    assert waiting.resume_at is not None
    assert waiting.resume_at > datetime.now(UTC)
    assert 0 < waiting.progress.rows_received < (waiting.progress.rows_expected or 0)
    push_token(office.redis, QueueName.NOW, job_timeout=60)
    until(lambda: office.redis.llen("rq:queue:now") == 0, 10, "the worker is free for others")
    cancel(stores(office.redis), waiting)
    assert office.run("long").state is RunState.CANCELLED


def test_a_click_on_a_run_that_waits_for_its_budget_starts_it_at_once(
    office: Office, processes: Processes
) -> None:
    processes.environment["AIRCALL_REQUESTS_PER_MINUTE"] = "10"
    processes.start("scheduler")
    processes.start("worker")
    office.press("long", Trigger.SCHEDULE)
    waiting = until(
        lambda: (run := office.run("long")).state is RunState.WAITING and run, 60, "it waits"
    )
    house = stores(office.redis)
    flow = house.flows.get(waiting.spreadsheet_id, waiting.flow_id)

    clicked = time.monotonic()
    run, is_new = start_run(house, flow)
    begun = until(
        lambda: (run := office.run("long")).slices > waiting.slices and run, 20, "it goes on"
    )

    assert time.monotonic() - clicked < 2
    assert (run.id, is_new) == ("long", False)
    assert (begun.queue, begun.attempt) == (QueueName.NOW, 1)
    until(lambda: office.run("long").state is RunState.WAITING, 20, "it waits again")
    more = office.run("long").progress.rows_received
    assert more > waiting.progress.rows_received, "the budget kept for people is used"


@pytest.mark.usefixtures("slow")
def test_a_run_is_followed_live_through_the_web_process(
    office: Office, processes: Processes, outside: Outside
) -> None:
    port = free_port()
    processes.environment["PORT"] = str(port)
    processes.start("web")
    processes.start("worker")
    sheet, proofs = office.sheet.spreadsheet_id, ProofStore(office.redis)
    assert proofs.complete(proofs.begin("person", sheet), "person", sheet)
    key = processes.environment["CALLSHEET_SESSION_KEY"]
    signer = SessionSigner(Settings(_env_file=None, session_key=key), SystemClock())
    session, _ = signer.issue("person", "ada@example.com", sheet, "Report", "Etc/UTC")
    until(lambda: _answers(port), 40, "the web process answers")
    office.press("run")
    _reading(office, "run")
    outside.aircall("DELETE", "/faults")

    with httpx.stream(
        "GET",
        f"http://127.0.0.1:{port}/api/v1/runs/run/events",
        headers={"Authorization": f"Bearer {session}"},
        timeout=30,
    ) as stream:
        heard = [
            (time.monotonic(), json.loads(line.removeprefix("data: ")))
            for line in stream.iter_lines()
            if line.startswith("data: ")
        ]

    states = list(dict.fromkeys(run["state"] for _, run in heard))
    assert states == ["running", "succeeded"]
    assert heard[-1][0] - heard[0][0] > 0.2, "as it happens, not all at the end"


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_short_slices_share_a_work_horse(office: Office, processes: Processes) -> None:
    """What it takes to begin a job of RQ is more than a short refresh has to do."""
    calls = office.flows.get(office.sheet.spreadsheet_id, "flow-1")
    for number in range(3):
        flow = replace(calls, id=f"tags-{number}", entity="tags", name=f"tags{number}", since=None)
        office.flows.add(flow)
        run = new_run(flow, Trigger.MANUAL, datetime.now(UTC), run_id=f"run-{number}")
        office.runs.start(run)
        enqueue_run(office.redis, run, job_timeout=120)
    processes.start("worker")
    ended = [office.ended(f"run-{number}") for number in range(3)]

    assert {run.state for run in ended} == {RunState.SUCCEEDED}
    until(lambda: _jobs_done(office) > 0, 10, "the work-horse ends")
    assert _jobs_done(office) == 1
    assert tokens(office.redis, QueueName.NOW) == 0


def _jobs_done(office: Office) -> int:
    worker = Worker.all(connection=office.redis)[0]
    worker.refresh()
    return int(worker.successful_job_count)


def test_a_token_is_taken_only_when_it_is_the_very_next_job(redis: Redis) -> None:
    """A tab to delete, or a message, is not passed over by slices that go on and on."""
    push_token(redis, QueueName.NOW, job_timeout=60)
    enqueue_tab_removal(redis, TabRemoval("sheet-1", "flow-1"), job_timeout=60)
    push_token(redis, QueueName.BACKFILL, job_timeout=60)
    found = tokens_to_take(redis)

    assert [found.take() for _ in range(3)] == [True, False, False]
    assert tokens(redis, QueueName.NOW) == 1
    assert tokens(redis, QueueName.BACKFILL) == 1
    assert len(redis.keys("rq:job:*")) == 2


def test_a_deploy_waits_for_no_slow_mail_server(office: Office, processes: Processes) -> None:
    asked = threading.Event()

    class Slow(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 slow\r\n")
            while self.rfile.readline():
                asked.set()
                time.sleep(7)
                self.wfile.write(b"250 yes\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        processes.environment |= {
            "CALLSHEET_SMTP_HOST": "127.0.0.1",
            "CALLSHEET_SMTP_PORT": str(server.server_address[1]),
            "CALLSHEET_SMTP_SECURITY": "none",
            "CALLSHEET_MAIL_FROM": "callsheet@example.com",
        }
        to = ("sheet-1", "ada@example.com", "Hello", "Text", datetime.now(UTC))
        mail = Delivery("mail", Channel.MAIL, *to)
        with office.redis.pipeline() as pipe:
            put(pipe, [mail])
            pipe.execute()
        enqueue_delivery(office.redis, mail)
        worker = processes.start("worker")
        assert asked.wait(30)

        told = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
        server.shutdown()

    assert time.monotonic() - told < 11
    kept = DeliveryStore(office.redis).find("mail")
    assert kept is not None, "it is tried again"
    assert kept.attempt == 1
