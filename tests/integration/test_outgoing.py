"""Notices and webhooks against a real mail server, a real HTTP server and a real Redis."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from threading import Barrier, Thread

import pytest
from cryptography.fernet import Fernet
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from callsheet.data_flow import DataFlow
from callsheet.delivery import wait_after
from callsheet.digest import DAY, next_digest
from callsheet.enqueue import QUEUE_OUTGOING
from callsheet.errors import AddressRefused, DeliveryFailed
from callsheet.flows.ending import Endings
from callsheet.outgoing.mail import MailServer, send_mail
from callsheet.outgoing.post import post
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Run, RunError, RunState, Trigger
from callsheet.settings import Settings
from callsheet.store import keys
from callsheet.store.deliveries import DeliveryStore
from callsheet.store.flows import FlowStore
from callsheet.store.freshness import FreshnessStore
from callsheet.store.notices import NoticeStore
from callsheet.store.runs import RunStore
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault
from callsheet.store.webhooks import KEEP_ATTEMPTS, WebhookStore
from callsheet.webhook import EVENT, SIGNATURE, Webhook, signature
from tests.builders import a_data_flow, a_run
from tests.clock import FrozenClock
from tests.integration.conftest import free_port
from tests.integration.receivers import (
    Mailbox,
    Receiver,
    certificate_for,
    mail_server,
    receiver,
)
from worker.lookout import Lookout
from worker.sending import Sending

pytestmark = pytest.mark.integration

HOME = "sheet-1"
FIX = RunError("tab_protected", "A range is protected. Remove the protection.", "fix_by_user")
LATER = RunError("source_unavailable", "Aircall cannot be reached. Try again.", "retry_later")


@dataclass
class House:
    """One spreadsheet with a flow, a mail server, an HTTP server, and a clock that tests move."""

    redis: Redis
    settings: Settings
    clock: FrozenClock
    mailbox: Mailbox
    receiver: Receiver

    def __post_init__(self) -> None:
        vault = Vault(self.settings.sealing_keys)
        self.flows, self.runs = FlowStore(self.redis), RunStore(self.redis)
        self.notices, self.deliveries = NoticeStore(self.redis), DeliveryStore(self.redis)
        self.subscriptions = SubscriptionStore(self.redis, vault)
        self.webhooks = WebhookStore(self.redis, vault)
        self.endings = Endings(self.redis, self.settings, self.clock)
        self.lookout = Lookout(self.redis, self.settings, self.clock)
        self.flow = a_data_flow(created_at=self.clock.now())
        self.flows.add(self.flow)

    def ends(
        self, error: RunError | None = None, *, failures: int = 1, flow: DataFlow | None = None
    ) -> Run:
        state = RunState.SUCCEEDED if error is None else RunState.FAILED
        now, was = self.clock.now(), flow or self.flow
        run, is_new = self.runs.start(a_run(id=token_hex(4), trigger=Trigger.SCHEDULE))
        assert is_new
        assert self.runs.pick("job") == run
        over = replace(run, state=state, error=error, started_at=now)
        return self.endings.end(over, "job", lambda _: replace(was, failures=failures))

    def send(self) -> int:
        """Make the tries that stand in the queue; return how many."""
        queue = Queue(QUEUE_OUTGOING, connection=self.redis, serializer=JSONSerializer)
        jobs = queue.jobs
        queue.empty()
        sending = Sending(self.settings, self.clock)
        for job in jobs:
            sending.deliver(*job.args)
        return len(jobs)

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mailbox.mails]


@pytest.fixture
def house(redis: Redis, redis_server: EmbeddedRedis, clock: FrozenClock) -> Iterator[House]:
    with mail_server(free_port()) as mailbox, receiver() as http:
        settings = Settings(
            _env_file=None,
            redis_url=redis_server.url,
            sealing_keys=Fernet.generate_key().decode(),
            smtp_host="127.0.0.1",
            smtp_port=mailbox.port,
            smtp_security="none",
            mail_from="callsheet@example.com",
        )
        yield House(redis, settings, clock, mailbox, http)


def test_an_incident_is_told_once_by_each_channel_and_once_when_it_is_over(house: House) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    house.subscriptions.set_slack(HOME, f"{house.receiver.url}/slack")

    for _ in range(3):
        house.ends(FIX)
    house.send()

    assert house.subjects == ["Callsheet: Aircall – Calls needs you"]
    assert house.mailbox.recipients == ["ada@example.com"]
    assert FIX.message in house.mailbox.mails[0].get_content()
    assert [json.loads(p.body)["text"].split(".")[0] for p in house.receiver.posts] == [
        "Aircall – Calls needs you"
    ]

    house.clock.sleep(600)
    house.ends()
    house.ends()
    house.send()

    assert house.subjects[1:] == ["Callsheet: Aircall – Calls works again"]
    assert "after 10 min" in house.mailbox.mails[1].get_content()
    assert len(house.receiver.posts) == 2
    assert house.notices.of_spreadsheet(HOME) == []


def test_errors_that_pass_are_told_at_the_third_and_what_weighs_more_is_told_again(
    house: House,
) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")

    for failures in (1, 2, 3, 4):
        house.ends(LATER, failures=failures)
    house.ends(FIX, failures=5)
    house.ends(LATER, failures=6)
    house.send()

    assert house.subjects == [
        "Callsheet: Aircall – Calls keeps failing",
        "Callsheet: Aircall – Calls needs you",
    ]


def test_those_who_run_the_server_hear_of_everything(house: House) -> None:
    house.settings = house.settings.model_copy(update={"notice_emails": ("ops@example.com",)})
    house.endings = Endings(house.redis, house.settings, house.clock)

    house.ends(FIX)
    house.send()

    assert house.mailbox.recipients == ["ops@example.com"]


def test_a_flow_without_success_for_twice_its_cadence_is_stale_until_it_succeeds(
    house: House,
) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    house.flows.change(HOME, "flow-1", lambda flow: replace(flow, next_run_at=house.clock.now()))
    stale = FreshnessStore(house.redis)

    house.clock.sleep(2 * 3600)
    house.lookout.look()
    assert stale.count_stale() == 0

    house.clock.sleep(1800)
    house.lookout.look()
    house.lookout.look()
    house.send()
    assert house.subjects == ["Callsheet: Aircall – Calls is out of date"]
    assert stale.count_stale() == 1

    house.ends(flow=house.flows.get(HOME, "flow-1"))
    house.send()
    assert house.subjects[1:] == ["Callsheet: Aircall – Calls works again"]
    assert stale.count_stale() == 0


def test_a_flow_that_waits_for_a_person_counts_as_stale_too_but_is_not_told_of_twice(
    house: House,
) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    house.flows.change(HOME, "flow-1", lambda flow: replace(flow, next_run_at=house.clock.now()))
    waiting = house.flows.change(
        HOME, "flow-1", lambda flow: replace(flow, next_run_at=None, paused_because=FIX.message)
    )
    house.ends(FIX, flow=waiting)

    house.clock.sleep(3 * 3600)
    house.lookout.look()
    house.send()

    assert FreshnessStore(house.redis).count_stale() == 1
    assert house.subjects == ["Callsheet: Aircall – Calls needs you"]


def test_a_flow_that_cannot_be_read_does_not_keep_others_from_being_looked_at(house: House) -> None:
    due = house.clock.now()
    for flow in (
        a_data_flow(id="newer", next_run_at=due),
        a_data_flow(id="other", next_run_at=due),
    ):
        house.flows.add(flow)
    house.redis.set(keys.flow("newer"), '{"id": "newer"}')

    house.clock.sleep(3 * 3600)
    house.lookout.look()

    assert FreshnessStore(house.redis).count_stale() == 1


def test_a_flow_that_rests_or_is_gone_is_never_stale(house: House) -> None:
    house.flows.change(HOME, "flow-1", lambda flow: replace(flow, next_run_at=house.clock.now()))
    house.flows.change(HOME, "flow-1", lambda flow: replace(flow, next_run_at=None))
    gone = a_data_flow(id="flow-2", next_run_at=house.clock.now())
    house.flows.add(gone)
    house.flows.remove(gone)

    house.clock.sleep(7 * 24 * 3600)
    house.lookout.look()

    assert FreshnessStore(house.redis).count_stale() == 0


def test_a_refused_mail_is_tried_again_by_time_and_given_up_in_the_end(house: House) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    house.mailbox.refusals += ["451 not now", "451 not now"]

    house.ends(FIX)
    tries = 0
    for attempt in range(1, 4):
        tries += house.send()
        house.lookout.look()
        assert house.send() == 0, "not before its time"
        house.clock.sleep((wait_after(attempt) or DAY).total_seconds())
        house.lookout.look()

    assert tries == 3
    assert len(house.mailbox.mails) == 1
    assert house.deliveries.count() == 0

    house.clock.sleep(1)
    house.mailbox.refusals += ["550 never"] * 20
    house.ends()
    house.flows.remove(house.flow)  # else it becomes stale meanwhile
    for _ in range(20):
        house.send()
        house.clock.sleep(2 * 3600)
        house.lookout.look()
    assert len(house.mailbox.refusals) == 20 - 6
    assert house.deliveries.count() == 0


def test_a_message_whose_writer_died_before_it_was_enqueued_is_sent_seconds_later(
    house: House,
) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    house.ends(FIX)
    Queue(QUEUE_OUTGOING, connection=house.redis, serializer=JSONSerializer).empty()

    house.clock.sleep(6)
    house.lookout.look()
    house.lookout.look()

    assert house.send() == 1
    assert len(house.subjects) == 1


def test_a_try_that_was_begun_counts_although_its_worker_vanished(house: House) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    house.ends(FIX)
    queue = Queue(QUEUE_OUTGOING, connection=house.redis, serializer=JSONSerializer)
    delivery_id, attempt = queue.jobs[0].args
    assert house.deliveries.begin(delivery_id, attempt, house.clock.now()) is not None

    assert house.deliveries.begin(delivery_id, attempt, house.clock.now()) is None
    house.send()
    assert house.subjects == []
    house.clock.sleep(10)
    house.lookout.look()
    house.send()
    assert len(house.subjects) == 1


def test_the_digest_comes_at_eight_each_day(house: House) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    first = house.clock.now() + timedelta(hours=1)
    house.subscriptions.set_digest(HOME, "Europe/Berlin", first)

    for _ in range(49):
        house.lookout.look()
        house.clock.sleep(3600)
    house.send()

    assert len(house.subjects) == 3
    assert set(house.subjects) == {"Callsheet: all is well"}
    house.subscriptions.set_digest(HOME, None, None)
    house.clock.sleep(2 * 24 * 3600)
    house.lookout.look()
    assert house.send() == 0


def test_a_digest_belongs_to_whoever_moves_it_on(house: House) -> None:
    """A scheduler that was slow may think for a moment that it still leads."""
    now = house.clock.now()
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    house.subscriptions.set_digest(HOME, "Europe/Berlin", now)
    following = next_digest("Europe/Berlin", now)

    moved = [house.subscriptions.move_digest(HOME, following, ()) for _ in range(2)]
    house.subscriptions.set_digest(HOME, None, None)

    assert moved == [True, False]
    assert not house.subscriptions.move_digest(HOME, following + DAY, ()), (
        "nobody wants it any more"
    )


def test_of_many_who_look_at_once_one_sends_the_digest(house: House) -> None:
    house.subscriptions.set_mail(HOME, "user-1", "ada@example.com")
    house.subscriptions.set_digest(HOME, "Europe/Berlin", house.clock.now())
    together = Barrier(6)

    def look() -> None:
        together.wait()
        Lookout(house.redis, house.settings, house.clock).look()

    threads = [Thread(target=look) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    house.send()
    assert len(house.subjects) == 1


def _webhook(house: House) -> Webhook:
    webhook = Webhook("flow-1", HOME, f"{house.receiver.url}/hook", "csw_x", house.clock.now())
    house.webhooks.save(webhook)
    return webhook


def test_a_run_is_posted_signed_and_each_try_is_written_down(house: House) -> None:
    _webhook(house)
    house.receiver.answers += [500, 302]

    run = house.ends()
    for attempt in (1, 2, 3):
        house.send()
        house.clock.sleep((wait_after(attempt) or DAY).total_seconds())
        house.lookout.look()

    assert [post.path for post in house.receiver.posts] == ["/hook"] * 3, "no redirect is followed"
    last = house.receiver.posts[-1]
    told = dict(part.split("=", 1) for part in last.headers[SIGNATURE].split(","))
    assert last.headers[SIGNATURE] == signature("csw_x", last.body, int(told["t"]))
    assert json.loads(last.body)["id"] == run.id
    assert len({post.headers[EVENT] for post in house.receiver.posts}) == 1
    attempts = house.webhooks.attempts("flow-1")
    assert [(one.attempt, one.is_delivered, one.outcome) for one in attempts] == [
        (3, True, "200"),
        (2, False, "302"),
        (1, False, "500"),
    ]


def test_the_log_of_tries_stays_small_and_nothing_readable_stands_in_redis(house: House) -> None:
    _webhook(house)
    for _ in range(KEEP_ATTEMPTS + 5):
        house.ends()
        house.send()

    assert len(house.webhooks.attempts("flow-1")) == KEEP_ATTEMPTS
    for key in house.redis.scan_iter():
        if house.redis.type(key) == b"string":
            assert b"csw_x" not in (house.redis.get(key) or b"")
            assert b"/hook" not in (house.redis.get(key) or b"")


def test_what_nobody_wants_any_more_is_dropped(house: House) -> None:
    _webhook(house)
    house.subscriptions.set_slack(HOME, f"{house.receiver.url}/slack")
    house.ends(FIX)
    house.webhooks.remove("flow-1")
    house.subscriptions.set_slack(HOME, None)

    assert house.send() == 2

    assert house.receiver.posts == []
    assert house.deliveries.count() == 0


def test_a_flow_that_is_removed_takes_webhook_key_and_notice_along(house: House) -> None:
    _webhook(house)
    house.ends(FIX)

    house.flows.remove(house.flow)

    assert not house.webhooks.exists("flow-1")
    assert house.notices.of_spreadsheet(HOME) == []


def test_a_mail_goes_encrypted_and_only_to_a_server_with_the_right_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("localhost", tmp_path)
    with mail_server(free_port(), certificate) as box:
        server = MailServer(
            *("localhost", box.port, "callsheet@example.com", "starttls"),
            *("mailer", "smtp-password"),
        )

        with pytest.raises(DeliveryFailed, match="SSL"):
            send_mail(server, "ada@example.com", "Hello", "Text")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        send_mail(server, "ada@example.com", "Hello", "Text")
        with pytest.raises(DeliveryFailed, match="535"):
            send_mail(replace(server, password="wrong"), "ada@example.com", "Hello", "Text")

    assert box.encrypted == [True]


def test_a_post_goes_to_the_checked_ip_address_and_checks_the_certificate_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("hooks.example.com", tmp_path)
    with receiver(certificate) as http:
        port = http.url.rpartition(":")[2]
        url, other = f"https://hooks.example.com:{port}/x", f"https://other.example.com:{port}/x"
        here = lambda _host, _port: ["127.0.0.1"]  # noqa: E731

        with pytest.raises(AddressRefused):
            post(url, b"{}", {}, on_this_machine=False, resolve=here)
        with pytest.raises(DeliveryFailed, match="ConnectError"):
            post(url, b"{}", {}, on_this_machine=True, resolve=here)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert post(url, b"{}", {}, on_this_machine=True, resolve=here) == 200
        with pytest.raises(DeliveryFailed, match="ConnectError"):
            post(other, b"{}", {}, on_this_machine=True, resolve=here)

    assert [one.headers["Host"] for one in http.posts] == [f"hooks.example.com:{port}"]
