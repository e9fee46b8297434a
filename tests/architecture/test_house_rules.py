"""The rules of the house that a linter does not know."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from callsheet import errors
from callsheet.catalogue import ENTITIES
from callsheet.cli import cli
from callsheet.enqueue import JOB_FUNCTIONS
from callsheet.errors import CallsheetError, Recovery
from callsheet.settings import Settings

ROOT = Path(__file__).parents[2]
PACKAGES = ("callsheet", "backend", "worker", "sandbox")
LONGEST_MODULE = 300
LONG_ON_PURPOSE = {"callsheet/errors.py": "a table"}


def modules(*packages: str) -> Iterator[Path]:
    for package in packages or PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def family(cls: type[CallsheetError]) -> Iterator[type[CallsheetError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from family(child)


LEAVES = [
    cls
    for cls in family(CallsheetError)
    if cls.__module__ == errors.__name__
    and not any(child.__module__ == errors.__name__ for child in cls.__subclasses__())
]


def test_error_codes_are_unique() -> None:
    codes = [cls.code for cls in LEAVES]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("cls", LEAVES, ids=lambda cls: cls.__name__)
def test_each_error_has_a_sentence_a_recovery_and_a_place_in_the_tree(
    cls: type[CallsheetError],
) -> None:
    assert cls.default_message.endswith(".")
    assert isinstance(cls.recovery, Recovery)
    assert cls.code != CallsheetError.code
    assert cls.__name__ in str(errors.__doc__)


def test_the_example_of_settings_names_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text()
    named_there = set(re.findall(r"^([A-Z_]+)=", text, flags=re.MULTILINE))

    assert named_there == {Settings.variable(name) for name in Settings.model_fields}


def test_the_docs_name_every_setting() -> None:
    text = (ROOT / "docs/settings.md").read_text()

    missing = [n for n in Settings.model_fields if f"`{Settings.variable(n)}`" not in text]
    assert missing == []


def test_every_command_is_where_the_command_line_looks_for_it() -> None:
    context = click.Context(cli)

    found = {name: cli.get_command(context, name) for name in cli.list_commands(context)}

    assert {name: command and command.name for name, command in found.items()} == {
        name: name for name in found
    }
    assert cli.get_command(context, "nonsense") is None


def test_starting_a_process_loads_nothing_of_the_product() -> None:
    loads = "import sys; from callsheet.cli import becoming; print(*sys.modules, sep='\\n')"

    loaded = subprocess.run(
        [sys.executable, "-c", loads], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()

    assert not {"redis", "httpx", "gspread", "callsheet.settings"} & set(loaded)


def test_every_process_of_the_procfile_is_a_command() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    commands = [line.split("callsheet ", 1)[1].strip() for line in lines if line]

    assert [line.split(":")[0] for line in lines] == ["web", "worker", "scheduler"]
    assert set(commands) <= set(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize("path", sorted(JOB_FUNCTIONS))
def test_every_job_is_a_function_of_the_worker(path: str) -> None:
    module, _, function = path.rpartition(".")

    job = getattr(importlib.import_module(module), function)
    assert callable(job)
    assert "discreet" in job.__code__.co_qualname, "RQ would keep the text of its exceptions"


@pytest.mark.parametrize("module", list(modules()), ids=named)
def test_no_module_outgrows_its_idea(module: Path) -> None:
    lines = len(module.read_text().splitlines())

    assert lines <= LONGEST_MODULE or named(module) in LONG_ON_PURPOSE, f"{lines} lines"


@pytest.mark.parametrize("module", list(modules()), ids=named)
def test_every_module_says_its_duty(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text())) or named(module).endswith("__main__.py")


def test_only_settings_reads_the_environment_and_only_clock_the_time() -> None:
    allowed = {
        "callsheet/settings.py",
        "callsheet/clock.py",
        "callsheet/cli/processes.py",  # hands the environment on to a child
    }
    found = [
        f"{named(module)}: {word}"
        for module in modules("callsheet", "worker", "backend")
        for word in ("os.environ", "os.getenv", "datetime.now", "time.time(", "utcnow")
        if word in module.read_text() and named(module) not in allowed
    ]

    assert found == []


def test_every_entity_has_a_changelog_line_and_distinct_headers() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    for entity in ENTITIES.values():
        headers = [column.header for column in entity.columns]
        assert len(headers) == len(set(headers))
        assert len({column.key for column in entity.columns}) == len(headers)
        assert all(column.note for column in entity.columns)
        assert entity.label in changelog


def test_the_changelog_knows_this_version() -> None:
    version = re.search(
        r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert version is not None

    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text()


_EVENT = re.compile(r"[a-z_]+( [a-z_]+=%[-+.0-9]*[a-z])*")
_LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def test_every_log_line_of_ours_is_one_event_with_named_values() -> None:
    found = []
    for module in modules("callsheet", "worker", "backend"):
        for node in ast.walk(ast.parse(module.read_text())):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if not is_call or node.func.attr not in {*_LEVELS, "log"}:
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "log"):
                continue
            message = node.args[1 if node.func.attr == "log" else 0]
            told = message.value if isinstance(message, ast.Constant) else None
            found.append((named(module), node.lineno, told))

    assert len(found) > 20
    wrong = [one for one in found if not _EVENT.fullmatch(str(one[2]))]
    assert wrong == []


def test_the_runbook_knows_every_error_code() -> None:
    text = (ROOT / "docs/runbook.md").read_text()

    codes = {cls.code for cls in LEAVES} | {CallsheetError.code}
    assert sorted(code for code in codes if f"`{code}`" not in text) == []
