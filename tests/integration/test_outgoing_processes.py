"""Notices and a webhook through real worker and scheduler processes, and what they log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from redis import Redis

from callsheet.enqueue import enqueue_run
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Run, RunState, Trigger
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.notices import NoticeStore
from callsheet.store.runs import RunStore
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore
from callsheet.webhook import SIGNATURE, Webhook, signature
from tests.builders import a_connection, a_data_flow, a_run
from tests.integration.conftest import Outside, free_port
from tests.integration.google import Viewer
from tests.integration.processes import Processes, settings_for, until
from tests.integration.receivers import Mailbox, Receiver, mail_server, receiver

pytestmark = pytest.mark.integration


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server(free_port()) as box:
        yield box


@pytest.fixture
def http() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


@pytest.fixture
def processes(
    outside: Outside, redis_server: EmbeddedRedis, redis: Redis, mailbox: Mailbox
) -> Iterator[Processes]:
    environment = settings_for(
        outside.addresses,
        REDIS_URL=redis_server.url,
        CALLSHEET_SMTP_HOST="127.0.0.1",
        CALLSHEET_SMTP_PORT=str(mailbox.port),
        CALLSHEET_SMTP_SECURITY="none",
        CALLSHEET_MAIL_FROM="callsheet@example.com",
    )
    started = Processes(environment)
    yield started
    started.end()


def test_a_wrong_key_is_told_once_and_its_mending_too_and_each_run_is_posted(
    redis: Redis,
    processes: Processes,
    outside: Outside,
    spreadsheet: Viewer,
    mailbox: Mailbox,
    http: Receiver,
) -> None:
    home, now = spreadsheet.spreadsheet_id, datetime.now(UTC)
    vault = Vault([SecretStr(processes.environment["CALLSHEET_SEALING_KEYS"])])
    connections, runs = ConnectionStore(redis, vault), RunStore(redis)
    connection = a_connection(spreadsheet_id=home, api_id=outside.addresses["aircall_api_id"])
    connections.save(connection, "a-wrong-token")
    since = (now - timedelta(days=2)).replace(microsecond=0).isoformat()
    FlowStore(redis).add(a_data_flow(spreadsheet_id=home, since=since))
    SubscriptionStore(redis, vault).set_mail(home, "user-1", "ada@example.com")
    WebhookStore(redis, vault).save(Webhook("flow-1", home, f"{http.url}/hook", "csw_x", now))

    def run(run_id: str) -> Run:
        begun = a_run(id=run_id, spreadsheet_id=home, trigger=Trigger.SCHEDULE, created_at=now)
        runs.start(begun)
        enqueue_run(redis, begun, job_timeout=60)

        def ended() -> Run | None:
            found = runs.find(run_id)
            return found if found is not None and found.state.is_over else None

        return until(ended, 30, f"{run_id} is over")

    processes.start("worker")
    http.answers.append(500)  # the scheduler sends it again
    processes.start("scheduler")

    states = [run("first").state, run("second").state]
    connections.save(replace(connection), outside.addresses["aircall_api_token"])
    states.append(run("third").state)

    assert states == [RunState.FAILED, RunState.FAILED, RunState.SUCCEEDED]
    until(lambda: len(mailbox.mails) == 2, 20, "both mails are there")
    until(lambda: len(http.posts) == 4, 30, "three posts and one repeat are there")
    assert [str(mail["Subject"]) for mail in mailbox.mails] == [
        "Callsheet: Aircall – Calls needs you",
        "Callsheet: Aircall – Calls works again",
    ]
    assert {json.loads(one.body)["id"] for one in http.posts} == {"first", "second", "third"}
    for one in http.posts:
        told = one.headers[SIGNATURE]
        seconds = int(told.split(",")[0].removeprefix("t="))
        assert told == signature("csw_x", one.body, seconds)
    assert NoticeStore(redis).of_spreadsheet(home) == []
