"""The command line: `callsheet`."""

from __future__ import annotations

import click

from callsheet.cli.doctor import doctor
from callsheet.cli.entities import entities
from callsheet.cli.estimate_command import estimate_command
from callsheet.cli.flows_command import flows
from callsheet.cli.import_command import import_command
from callsheet.cli.keys import keys
from callsheet.cli.processes import demo, redis, run, sandbox, scheduler, web, worker
from callsheet.cli.runs_command import runs
from callsheet.cli.schedules_command import schedules
from callsheet.cli.undo_command import undo_command
from callsheet.exits import one_sentence


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="callsheet")
def cli() -> None:
    """Bring Aircall data into Google Sheets and keep it right.

    `callsheet demo` shows everything with invented data; `callsheet doctor` checks your settings.
    """


for command in (
    demo,
    run,
    import_command,
    undo_command,
    estimate_command,
    entities,
    flows,
    schedules,
    runs,
    doctor,
    keys,
    web,
    worker,
    scheduler,
    redis,
    sandbox,
):
    cli.add_command(command)


def main() -> None:
    """Run a command; an error of ours ends as one clear sentence."""
    with one_sentence():
        cli()
