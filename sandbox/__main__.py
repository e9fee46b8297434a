"""`python -m sandbox`: the stand-ins, the demo around them, and its screenshot."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "serve": ("sandbox.serve", "serve"),
    "demo": ("sandbox.demo.command", "demo"),
    "screenshot": ("sandbox.demo.screenshot", "screenshot"),
}


class LazyCommands(click.Group):
    """Loads only the command that is asked for: the demo starts several of them at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - tells the type checker
        return command


@click.group(cls=LazyCommands)
def main() -> None:
    """The outside world, locally: stand-ins of Aircall and Google, and a demo page."""


if __name__ == "__main__":
    main(prog_name="python -m sandbox")
