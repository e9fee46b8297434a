"""`callsheet flows` and `callsheet schedules`, as an administrator types them, on a real Redis."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from pydantic import SecretStr
from redis import Redis

from callsheet.catalogue import ENTITIES
from callsheet.cli import cli
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Trigger
from callsheet.store.connections import ConnectionStore
from callsheet.store.flow_keys import HEARS, FlowKeyStore
from callsheet.store.flows import FlowStore
from callsheet.store.removals import TabRemovals
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from tests.builders import NOON, a_connection, a_data_flow, ended

pytestmark = pytest.mark.integration

TOKEN = "a-token-that-nobody-may-see"
Command = Callable[..., "Done"]


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def callsheet(redis_server: EmbeddedRedis, redis: Redis) -> Command:
    """Run `callsheet …` for sheet-1, which is connected."""
    sealing = Fernet.generate_key().decode()
    vault = Vault([SecretStr(sealing)])
    ConnectionStore(redis, vault).save(a_connection(), TOKEN)
    environment = {"REDIS_URL": redis_server.url, "CALLSHEET_SEALING_KEYS": sealing}

    def run(*words: str, typed: str = "", sheet: str = "sheet-1", **settings: str) -> Done:
        done = CliRunner().invoke(
            cli, [*words, "--spreadsheet", sheet], input=typed, env={**environment, **settings}
        )
        assert TOKEN not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return run


def test_one_of_each_then_list_show_and_refresh(callsheet: Command, redis: Redis) -> None:
    made = callsheet("flows", "one-of-each", "--json").json
    listed = callsheet("flows", "list").out.splitlines()
    shown = callsheet("flows", "show", "calls", "--json").json
    again = callsheet("flows", "one-of-each")
    refreshed = callsheet("flows", "refresh", "calls", "--json").json

    assert set(made["made"]) == {name.replace("_", "-") for name in ENTITIES}
    assert listed[0].split()[:3] == ["NAME", "ENTITY", "LABEL"]
    assert len(listed) == 1 + len(ENTITIES)
    assert shown["label"] == "Aircall – Calls"
    assert shown["last_run"]["state"] == "queued"
    assert "Every entity has its data flow already" in again.out
    assert refreshed == {"run": shown["last_run"]["id"], "state": "queued", "is_new": False}
    slots = sorted(
        flow.next_run_at for flow in FlowStore(redis).of_spreadsheet("sheet-1") if flow.next_run_at
    )
    gaps = [(after - before).total_seconds() for before, after in pairwise(slots)]
    assert min(gaps) >= 600, "one account's flows are staggered"


def test_pause_resume_duplicate_delete(callsheet: Command, redis: Redis) -> None:
    flows = FlowStore(redis)
    flows.add(a_data_flow(tab_id=5, tab_title="Phone", account="company:1"))

    paused = callsheet("flows", "pause", "calls")
    resting = flows.get("sheet-1", "flow-1")
    resumed = callsheet("flows", "resume", "calls", "--json").json["flows"][0]
    copied = callsheet("flows", "duplicate", "calls", "--json").json["flows"][0]
    kept = callsheet("flows", "delete", copied["name"])
    asked = callsheet("flows", "delete", "calls", "--with-tab", typed="n\n")
    gone = callsheet("flows", "delete", "calls", "--with-tab", "--yes", "--json")

    assert "paused" in paused.out
    assert resting.next_run_at is None
    assert resumed["next_run_at"] is not None
    assert (copied["name"], copied["is_paused"]) == ("calls-2", True)
    assert kept.out == "Removed calls-2. Its tab stays.\n"
    assert (asked.status, "“Phone”" in asked.err) == (1, True)
    assert gone.json == {"removed": "calls", "with_tab": True}
    assert flows.of_spreadsheet("sheet-1") == []
    assert [one.flow_id for one in TabRemovals(redis).due(NOON.replace(year=2100))] == ["flow-1"]


def test_export_and_apply(callsheet: Command, redis: Redis, tmp_path: Path) -> None:
    FlowStore(redis).add(a_data_flow(tab_id=5, tab_title="Phone", account="company:1"))
    file = tmp_path / "flows.yaml"
    file.write_text(callsheet("flows", "export").out)

    same = callsheet("flows", "apply", str(file))
    file.write_text(
        file.read_text().replace("2026-10-21", "2026-11-01")
        + "  tags:\n    entity: tags\n    schedule: weekly\n"
    )
    planned = callsheet("flows", "apply", str(file), "--dry-run")
    applied = callsheet("flows", "apply", str(file), "--json").json
    twice = callsheet("flows", "apply", str(file))
    pruned = callsheet("flows", "apply", "-", "--prune", typed="flows: {}\n")

    assert same.out.endswith("0 made, 0 changed, 0 removed, 1 as they were.\n")
    assert "          since: 2026-10-21 → 2026-11-01\n" in planned.out
    assert "make    tags   tags\n" in planned.out
    assert "Dry run, nothing has been done: 1 made, 1 changed" in planned.out
    assert {step["name"]: step["action"] for step in applied["flows"]} == {
        "calls": "change",
        "tags": "make",
    }
    assert "2 as they were" in twice.out
    assert "2 removed" in pruned.out
    assert FlowStore(redis).of_spreadsheet("sheet-1") == []
    assert TabRemovals(redis).due(NOON.replace(year=2100)) == [], "a file never deletes a tab"


def test_a_flow_is_added_with_fields_changed_and_renamed(callsheet: Command, redis: Redis) -> None:
    support = ("since=2026-11-01", "filters={teams: [Support]}", "tab=Support: hot")
    planned = callsheet("flows", "add", "calls", *support, "--dry-run")
    none_yet = callsheet("flows", "list", "--json").json["flows"]
    added = callsheet("flows", "add", "calls", *support, "--json").json["flows"][0]
    again = callsheet("flows", "add", "calls", *support, "--no-run")
    changed = callsheet("flows", "set", "calls", "since=2026-10-01", "filters=", "privacy=true")
    renamed = callsheet("flows", "rename", "calls", "Everything: all")
    same = callsheet("flows", "set", "calls", "privacy=true")
    shown = callsheet("flows", "show", "calls", "--json").json

    assert "make    calls" in planned.out
    assert planned.out.endswith("Dry run, nothing has been done.\n")
    assert none_yet == []
    assert (added["name"], added["action"]) == ("calls", "make")
    assert "The tab “Support: hot” belongs to the import" in again.err
    assert "since: 2026-11-01 → 2026-10-01" in changed.out
    assert 'filters: {"teams": ["Support"]} → (default)' in changed.out
    assert "label: (default) → Everything: all" in renamed.out
    assert "is like that already" in same.out
    assert (shown["label"], shown["since"], shown["privacy"]) == (
        "Everything: all",
        "2026-10-01",
        True,
    )
    assert shown["last_run"]["state"] == "queued"
    assert callsheet("flows", "rename", "calls", "").status == 0
    assert callsheet("flows", "show", "calls", "--json").json["label"] != "Everything: all"


def test_a_replacing_refresh_is_taken_back(callsheet: Command, redis: Redis) -> None:
    FlowStore(redis).add(a_data_flow(account="company:1"))

    undone = callsheet("flows", "undo", "calls", "--json").json

    run = RunStore(redis).find(undone["run"])
    assert run is not None
    assert run.trigger is Trigger.UNDO
    ended(redis, run)
    callsheet("flows", "refresh", "calls")
    assert "An import into this tab is running" in callsheet("flows", "undo", "calls").err


def test_other_programs_are_connected_and_cut_off(callsheet: Command, redis: Redis) -> None:
    FlowStore(redis).add(a_data_flow(account="company:1"))
    public = {"CALLSHEET_PUBLIC_URL": "https://callsheet.example.com"}

    key = callsheet("flows", "key", "calls", "--json", **public).json
    address = callsheet("flows", "events", "calls", "--json", **public).json["url"]
    hook = callsheet("flows", "webhook", "calls", "https://hooks.example.com/in", "--json").json
    refused = callsheet("flows", "webhook", "calls", "http://10.0.0.1/")
    shown = callsheet("flows", "outside", "calls")
    opened = FlowKeyStore(redis).check("flow-1", key["key"])
    heard = FlowKeyStore(redis, HEARS).check("flow-1", address.rpartition("/")[2])
    for words in (("key", "calls", "--revoke"), ("events", "calls", "--end")):
        assert callsheet("flows", *words).status == 0
    callsheet("flows", "webhook", "calls", "--remove")
    cut_off = callsheet("flows", "outside", "calls", "--json").json

    assert key["url"] == "https://callsheet.example.com/api/v1/flows/flow-1/runs"
    assert address.startswith("https://callsheet.example.com/api/v1/events/flow-1/cse_")
    assert (opened, heard) == ("sheet-1", "sheet-1")
    assert "begins with https://" in refused.err
    assert "webhook host: hooks.example.com" in shown.out
    assert not any(secret in shown.out for secret in (key["key"], hook["secret"], address))
    assert [cut_off[name] for name in cut_off if name != "run_url"] == [None, None, None, []]


def test_schedules_are_listed_and_set_by_the_clock_of_the_spreadsheet(
    callsheet: Command, redis: Redis
) -> None:
    flow = a_data_flow(zone="Europe/Paris", account="company:1")
    FlowStore(redis).add(flow)

    hours = callsheet(
        *("schedules", "set", "calls", "every_2_hours", "--days", "mon,FR"),
        *("--hours", "08:00-18:00"),
    )
    daily = callsheet("schedules", "set", "calls", "daily", "--at", "06:30", "--json").json
    tried = callsheet("schedules", "set", "calls", "weekly", "--at", "02:30", "--dry-run").out
    foretold = callsheet("schedules", "set", "calls", "weekly", "--dry-run", "--json").json
    listed = callsheet("schedules", "list").out

    assert tried.startswith("Dry run, nothing has been done: calls would be refreshed every Monday")
    assert "It comes at 02:3" in tried
    assert len(foretold["next_runs"]) == 3
    assert "every 2 hours, 08:00–18:00, Monday and Friday" in hours.out
    assert daily["schedules"][0]["schedule"]["at"] == "06:30"
    assert "every day at 06:30" in listed
    assert "Europe/Paris" in listed


def test_the_last_run_is_shown(callsheet: Command, redis: Redis) -> None:
    FlowStore(redis).add(a_data_flow())
    callsheet("flows", "refresh", "calls")
    (run,) = RunStore(redis).of_flow("flow-1")
    ended(redis, run)

    assert callsheet("flows", "list").out.splitlines()[1].endswith("succeeded")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("flows", "show", "nope"), "There is no flow “nope” in this spreadsheet."),
        (("flows", "pause", "nope"), "There is no flow “nope” in this spreadsheet."),
        (("flows", "one-of-each", "--since", "soon"), "The start date “soon” is not a date."),
        (("schedules", "set", "calls", "often"), "'often' is not one of"),
        (("schedules", "set", "calls", "hourly", "--at", "06:00"), "A time of day goes with"),
        (("schedules", "set", "calls", "daily", "--days", "x"), "“x” is not a day of the week."),
        (("schedules", "set", "calls", "hourly", "--hours", "8"), "is not in the expected form"),
        (("flows", "apply", "no-such-file.yaml"), "No such file"),
        (("flows", "add", "faxes"), "Callsheet does not import “faxes”"),
        (("flows", "add", "calls"), "Choose a start date"),
        (("flows", "add", "calls", "--name", "calls"), "There is a flow “calls” already"),
        (("flows", "set", "calls", "since"), "“since” is no field. Write FIELD=VALUE."),
        (("flows", "set", "calls", "colour=red"), "The field colour is not known here"),
        (("flows", "set", "calls", "filters={"), "this is not YAML"),
        (("flows", "set", "calls", "schedule=often"), "refresh rhythm is not known here"),
        (("flows", "set", "calls", "since=soon"), "The start date “soon” is not a date."),
        (("flows", "rename", "calls", "a" * 300), "too long"),
        (("flows", "webhook", "calls"), "Give a URL, or --remove."),
    ],
)
def test_wrong_usage_ends_with_2_and_what_to_do(
    callsheet: Command, redis: Redis, words: tuple[str, ...], sentence: str
) -> None:
    FlowStore(redis).add(a_data_flow())

    done = callsheet(*words)

    assert done.status == 2
    assert sentence in done.err
    assert FlowStore(redis).get("sheet-1", "flow-1") == a_data_flow()


def test_a_wrong_file_changes_nothing_and_names_its_lines(callsheet: Command) -> None:
    done = callsheet("flows", "apply", "-", "--json", typed="flows:\n  a:\n    entity: faxes\n")

    assert done.status == 2
    assert done.json["error"]["message"].startswith("Line 2, flow “a”: Callsheet does not import")


def test_a_flow_of_another_spreadsheet_is_not_found(callsheet: Command, redis: Redis) -> None:
    FlowStore(redis).add(a_data_flow())

    done = callsheet("flows", "delete", "calls", sheet="sheet-2")

    assert done.status == 2
    assert FlowStore(redis).get("sheet-1", "flow-1")
    assert callsheet("flows", "list", "--json", sheet="sheet-2").json == {"flows": []}
    assert "Connect to Aircall first" in callsheet("flows", "one-of-each", sheet="sheet-2").err


def test_without_redis_it_says_what_to_start(callsheet: Command) -> None:
    done = callsheet("flows", "list", "--json", REDIS_URL="redis://127.0.0.1:1")

    assert done.status == 1
    assert done.json["error"]["code"] == "store_unavailable"
