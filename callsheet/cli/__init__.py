"""The command line: `callsheet`."""

from __future__ import annotations

from importlib import import_module

import click

from callsheet.exits import one_sentence

_WHERE = {
    "demo": "becoming:demo",
    "doctor": "doctor:doctor",
    "entities": "entities:entities",
    "estimate": "estimate_command:estimate_command",
    "flows": "flows_command:flows",
    "import": "import_command:import_command",
    "keys": "keys:keys",
    "redis": "processes:redis",
    "run": "processes:run",
    "runs": "runs_command:runs",
    "sandbox": "becoming:sandbox",
    "schedules": "schedules_command:schedules",
    "scheduler": "becoming:scheduler",
    "undo": "undo_command:undo_command",
    "web": "processes:web",
    "worker": "becoming:worker",
}


class _Commands(click.Group):
    """Imports a command when it is asked for: `callsheet worker` needs not what `import` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_WHERE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in _WHERE:
            return None
        module, _, name = _WHERE[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"callsheet.cli.{module}"), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="callsheet")
def cli() -> None:
    """Bring Aircall data into Google Sheets and keep it right.

    `callsheet demo` shows everything with invented data; `callsheet doctor` checks your settings.
    """


def main() -> None:
    """Run a command; an error of ours ends as one clear sentence."""
    with one_sentence():
        cli()
