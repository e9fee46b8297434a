"""`callsheet keys reseal`, as an administrator types it after a rotation, on a real Redis."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from pydantic import SecretStr
from redis import Redis

from callsheet.cli import cli
from callsheet.redis_server import EmbeddedRedis
from callsheet.store import keys
from callsheet.store.connections import ConnectionStore
from callsheet.store.sealed import SealedThings
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore
from callsheet.webhook import Attempt, Webhook
from tests.builders import NOON, a_connection

pytestmark = pytest.mark.integration

OLD, NEW, FOREIGN = (Fernet.generate_key().decode() for _ in range(3))
SECRETS = ("the-token", "https://hooks.example.com/hidden", "csw_secret", "https://slack.example/x")
HOOK = Webhook("flow-1", "sheet-1", SECRETS[1], SECRETS[2], NOON)


def vault(*sealing: str) -> Vault:
    return Vault([SecretStr(key) for key in sealing])


@pytest.fixture
def reseal(redis_server: EmbeddedRedis) -> Callable[..., Result]:
    def run(*options: str, keys: str = f"{NEW} {OLD}") -> Result:
        environment = {"REDIS_URL": redis_server.url, "CALLSHEET_SEALING_KEYS": keys}
        return CliRunner().invoke(cli, ["keys", "reseal", *options], env=environment)

    return run


@pytest.fixture
def secrets(redis: Redis) -> None:
    """One sealed thing of each kind, and what stands beside them, under the old key."""
    ConnectionStore(redis, vault(OLD)).save(a_connection(), SECRETS[0])
    hooks = WebhookStore(redis, vault(OLD))
    hooks.save(HOOK)
    hooks.note("flow-1", Attempt("d", 1, NOON, is_delivered=True, outcome="200"))
    subscriptions = SubscriptionStore(redis, vault(OLD))
    subscriptions.set_slack("sheet-1", SECRETS[3])
    subscriptions.set_mail("sheet-2", "ada", "ada@example.com")


def opened(redis: Redis, *sealing: str) -> tuple[object, ...]:
    """Return all secrets, as processes read them that have these keys only."""
    sealer = vault(*sealing)
    hook = WebhookStore(redis, sealer).find("sheet-1", "flow-1")
    return (
        ConnectionStore(redis, sealer).key_of(a_connection()).api_token,
        hook and hook.url,
        hook and hook.secret,
        SubscriptionStore(redis, sealer).slack_url("sheet-1"),
    )


@pytest.mark.usefixtures("secrets")
def test_after_it_the_old_key_is_needed_no_more(
    redis: Redis, reseal: Callable[..., Result]
) -> None:
    first = reseal("--json")
    second = reseal("--json")
    words = reseal()

    assert json.loads(first.stdout) == {"resealed": 3, "current": 0, "unreadable": []}
    assert json.loads(second.stdout) == {"resealed": 0, "current": 3, "unreadable": []}
    assert opened(redis, NEW) == SECRETS
    assert SubscriptionStore(redis, vault(NEW)).get("sheet-2").emails == {"ada": "ada@example.com"}
    assert [one.exit_code for one in (first, second, words)] == [0, 0, 0]
    assert "Only the first of CALLSHEET_SEALING_KEYS is needed" in words.stdout
    assert not any(secret in first.output + words.output for secret in (*SECRETS, OLD, NEW))


@pytest.mark.usefixtures("secrets")
def test_what_no_key_opens_is_named_left_alone_and_holds_up_nothing(
    redis: Redis, reseal: Callable[..., Result]
) -> None:
    connections = ConnectionStore(redis, vault(FOREIGN))
    connections.save(a_connection(id="c-lost", spreadsheet_id="sheet-9"), "lost-token")
    before = redis.get(keys.connection_token("c-lost"))

    told, words = reseal("--json"), reseal()

    assert (told.exit_code, words.exit_code) == (1, 1)
    assert json.loads(told.stdout) == {
        "resealed": 3,
        "current": 0,
        "unreadable": ["connection c-lost"],
    }
    assert "Keep the old key" in words.stdout
    assert redis.get(keys.connection_token("c-lost")) == before
    assert opened(redis, NEW) == SECRETS


@pytest.mark.usefixtures("secrets")
def test_it_may_be_broken_off_at_any_time_and_repeated(
    redis: Redis, reseal: Callable[..., Result]
) -> None:
    begun = SealedThings(redis, vault(NEW, OLD)).reseal()
    next(begun)
    begun.close()

    assert opened(redis, NEW, OLD) == SECRETS
    assert json.loads(reseal("--json").stdout) == {"resealed": 2, "current": 1, "unreadable": []}
    assert opened(redis, NEW) == SECRETS


def test_what_is_saved_in_the_same_moment_is_not_undone(redis: Redis) -> None:
    store = ConnectionStore(redis, vault(OLD))
    store.save(a_connection(), "former")

    class Saving(Vault):
        """Somebody saves another token just after the former was looked at."""

        saved = False

        def is_newest(self, sealed: bytes) -> bool:
            if not self.saved:
                self.saved = True
                store.save(a_connection(), "later")
            return super().is_newest(sealed)

    list(SealedThings(redis, Saving([SecretStr(NEW), SecretStr(OLD)])).reseal())

    assert ConnectionStore(redis, vault(NEW)).key_of(a_connection()).api_token == "later"


def test_without_keys_or_without_redis_it_says_what_to_do(reseal: Callable[..., Result]) -> None:
    none = reseal(keys="")
    away = CliRunner().invoke(
        cli,
        ["keys", "reseal"],
        env={"REDIS_URL": "unix:///nowhere.sock", "CALLSHEET_SEALING_KEYS": NEW},
    )

    assert (none.exit_code, away.exit_code) == (2, 1)
    assert "CALLSHEET_SEALING_KEYS is not set" in none.output
    assert "Redis does not answer" in away.output


def test_without_a_further_word_two_new_secrets_are_printed() -> None:
    first, second = (CliRunner().invoke(cli, ["keys"]).stdout for _ in range(2))

    assert [line.split("=")[0] for line in first.splitlines()] == [
        "CALLSHEET_SESSION_KEY",
        "CALLSHEET_SEALING_KEYS",
    ]
    assert first != second
