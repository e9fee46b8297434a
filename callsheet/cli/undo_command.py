"""`callsheet undo`: take back a replacing import, in this process, without queue."""

from __future__ import annotations

import click

from callsheet import log as logs
from callsheet.catalogue import entity_named
from callsheet.cli.choices import flow_key
from callsheet.cli.sharing import sharing
from callsheet.clock import SystemClock
from callsheet.settings import Settings
from callsheet.sheets.spreadsheet import open_spreadsheet
from callsheet.wiring import account_pool


@click.command("undo")
@click.argument("entity")
@click.option("--spreadsheet", required=True, help="Id of the spreadsheet (in its address).")
@click.option("--tab", "tab_title", help="The title that the import was given, if it was.")
@click.option("--layout", help="The layout that the import was given, if it was.")
def undo_command(entity: str, spreadsheet: str, tab_title: str | None, layout: str | None) -> None:
    """Give ENTITY's tab back the data from before the last `callsheet import --mode replace`.

    They are kept for a day. To be called with the same --tab and --layout as the import.
    """
    chosen = entity_named(entity)
    logs.configure("WARNING")
    settings = Settings.load()
    account = account_pool(settings).choose(spreadsheet)
    key = flow_key(chosen, layout, tab_title)
    with (
        sharing(settings, SystemClock()) as shared,
        shared.only_writer(spreadsheet, key) as guard,
    ):
        file = open_spreadsheet(shared.google(account), spreadsheet)
        done = file.undo(key, chosen, guard=guard)
    moment = done.at.astimezone(file.zone).strftime("%Y-%m-%d %H:%M")
    click.echo(
        f"The tab “{done.tab_title}” has its {done.records:,} records from before the import of "
        f"{moment} again."
    )
