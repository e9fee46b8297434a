"""Faults on demand: rules that say which requests go wrong, how, and how often."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from random import Random
from threading import Lock
from typing import Any

from sandbox.aircall.records import Record

ANSWERS = ("error", "html_502", "html_503", "json_502", "json_503", "timeout_504", "rate_limited")
WIRES = ("drop", "truncate", "undecodable", "not_json", "slow", "drip")
CHANGES = ("unknown_enum", "new_field", "missing_optional", "missing_id", "delete_mid_walk")
KINDS = (*ANSWERS, *WIRES, *CHANGES)


class UnusableFault(ValueError):
    """A fault rule that cannot be understood."""


@dataclass(slots=True)
class FaultRule:
    """One rule: the kind of fault, what it applies to, and how many times it still will."""

    id: int
    kind: str
    path: re.Pattern[str]
    method: str | None = None
    times: int | None = 1
    after: int = 0
    fraction: float = 1.0
    seconds: float = 1.0
    field: str | None = None
    value: Any = None
    nth: int | None = None
    hits: int = 0

    def as_record(self) -> Record:
        """Return the rule as JSON."""
        shown = ("id", "kind", "method", "times", "after", "fraction", "seconds", "hits")
        return {**{key: getattr(self, key) for key in shown}, "path": self.path.pattern}


class FaultBox:
    """The rules in force, asked once for each request."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._ids = count(1)
        self._random = Random(1)
        self._lock = Lock()

    def add(self, wanted: Record) -> FaultRule:
        """Put a rule in force."""
        if wanted.get("kind") not in KINDS:
            raise UnusableFault(f"kind must be one of {', '.join(KINDS)}")
        known = {key: wanted[key] for key in wanted.keys() & _SETTABLE}
        if "times" not in wanted and "fraction" in wanted:
            known["times"] = None
        try:
            pattern = re.compile(wanted.get("path", "."))
        except re.error as exc:
            raise UnusableFault(str(exc)) from exc
        rule = FaultRule(id=next(self._ids), path=pattern, **known)
        with self._lock:
            self._rules.append(rule)
        return rule

    def rules(self) -> list[FaultRule]:
        """Return all rules, used-up ones as well: their hits are worth knowing."""
        return list(self._rules)

    def clear(self) -> None:
        """Lift all rules."""
        with self._lock:
            self._rules.clear()

    def strike(self, method: str, path: str, query: str) -> FaultRule | None:
        """Return the rule that hits a request, None if it goes through."""
        if not self._rules:
            return None
        with self._lock:
            return next(
                (rule for rule in self._rules if self._hits(rule, method, path, query)), None
            )

    def _hits(self, rule: FaultRule, method: str, path: str, query: str) -> bool:
        if rule.times == 0 or (rule.method and rule.method != method):
            return False
        if not (rule.path.search(path) or rule.path.search(f"{path}?{query}")):
            return False
        if rule.after > 0:
            rule.after -= 1
            return False
        if self._random.random() >= rule.fraction:
            return False
        if rule.times is not None:
            rule.times -= 1
        rule.hits += 1
        return True


_SETTABLE = {
    "kind", "method", "times", "after", "fraction", "seconds", "field", "value", "nth",
}  # fmt: skip
