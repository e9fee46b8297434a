"""Runs a folder of Apps Script files: a fresh engine per execution, services answered by a host."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import quickjs  # type: ignore[import-untyped,unused-ignore]

log = logging.getLogger(__name__)

SERVICES = tuple(Path(__file__).with_name(name) for name in ("services.js", "html_service.js"))


class AuthMode(StrEnum):
    """How much the user has allowed so far."""

    NONE = "NONE"
    LIMITED = "LIMITED"
    FULL = "FULL"


class ScriptError(Exception):
    """What Apps Script reports to the page: a message and nothing else."""


class Host(Protocol):
    """What a script may ask of the world outside: one method name, plain values both ways."""

    def answer(self, method: str, args: list[Any]) -> Any:
        """Answer one call of a service, or raise ScriptError."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What one execution returned, and what it did to the user's screen."""

    value: Any
    effects: tuple[dict[str, Any], ...]


class Execution:
    """One run of one function: engine, services and files are thrown away afterwards."""

    def __init__(self, folder: Path, host: Host, mode: AuthMode) -> None:
        self._folder = folder
        self._host = host
        self.effects: list[dict[str, Any]] = []
        self._engine = quickjs.Context()
        self._engine.add_callable("hostCall", self._host_call)
        for service in SERVICES:
            self._engine.eval(service.read_text(encoding="utf-8"))
        # Files are loaded in the mode of the call: a service call at top level must fail here too.
        self._engine.eval(f"AUTH_MODE_NOW = {json.dumps(mode.value)}")
        self._before = self._global_functions()
        for file in sorted(folder.glob("*.gs")):
            self._guarded(file.read_text(encoding="utf-8"))

    def call(self, name: str, args: Sequence[Any]) -> Any:
        """Call a function of the project with plain values."""
        if name not in self.functions():
            raise ScriptError(f"Script function not found: {name}")
        call = f"runFunction({json.dumps(name)}, {json.dumps(json.dumps(list(args)))})"
        return json.loads(str(self._guarded(call)))

    def functions(self) -> list[str]:
        """Every function that the project's files declare."""
        return sorted(set(self._global_functions()) - set(self._before))

    def _global_functions(self) -> list[str]:
        names = (
            "JSON.stringify(Object.getOwnPropertyNames(globalThis)"
            ".filter((one) => typeof globalThis[one] === 'function'))"
        )
        found: list[str] = json.loads(self._engine.eval(names))
        return found

    def _guarded(self, code: str) -> Any:
        try:
            return self._engine.eval(code)
        except quickjs.JSException as error:
            raise ScriptError(_first_line(str(error))) from error

    def _host_call(self, method: str, args_json: str) -> str:
        # The engine loses Python exceptions, so every answer is a value.
        args = json.loads(args_json)
        try:
            if method == "effect":
                self.effects.append(args[0])
                value: Any = None
            elif method == "projectFile":
                value = self._project_file(args[0])
            elif method == "log":
                log.info("apps script %s: %s", args[0], args[1])
                value = None
            else:
                value = self._host.answer(method, args)
        except ScriptError as error:
            return json.dumps({"error": str(error)})
        except Exception as error:  # whatever happened, the script sees it as an error of its own
            log.exception("the stand-in of Apps Script failed on %s", method)
            return json.dumps({"error": f"Service error: {method} ({type(error).__name__})"})
        return json.dumps({"value": value})

    def _project_file(self, name: str) -> str:
        path = self._folder / f"{Path(name).name}.html"
        if not path.is_file():
            raise ScriptError(f"No HTML file named {name} was found.")
        return path.read_text(encoding="utf-8")


class ScriptProject:
    """The files of one Apps Script project and the world they act on."""

    def __init__(self, folder: Path, host: Host) -> None:
        self.folder = folder
        self.host = host

    def run(self, name: str, *args: Any, mode: AuthMode = AuthMode.FULL) -> Outcome:
        """Run one function as a menu item, a trigger or the page would."""
        execution = Execution(self.folder, self.host, mode)
        value = execution.call(name, args)
        return Outcome(value, tuple(execution.effects))

    def open(self, mode: AuthMode) -> Outcome:
        """What happens when a user opens the file: onOpen(e), in the mode given."""
        return self.run("onOpen", {"authMode": mode.value}, mode=mode)

    def public_functions(self) -> list[str]:
        """The names that a page may call through google.script.run."""
        every = Execution(self.folder, self.host, AuthMode.NONE).functions()
        return [name for name in every if not name.endswith("_")]


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0]
    return line.removeprefix("Error: ")
