"""The scripts around the frame: the bridge of Sidebar.html, and the demo's google.script.run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import quickjs  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
SIDEBAR = (ROOT / "appsscript" / "Sidebar.html").read_text()
SHIM = (ROOT / "sandbox" / "demo" / "static" / "google_run.js").read_text().strip()
BACKEND = "https://callsheet.example.com"
ADDRESS = f"{BACKEND}/sidebar#session=secret"

# The few things of a browser that the scripts touch.
BROWSER = """
var elements = {}, listeners = [], sent = [], ran = [], navigated = [], timers = [];
function element(id) {
  return elements[id] = elements[id] || {hidden: true, textContent: '', on: {},
    addEventListener(name, f) { this.on[name] = f; }};
}
var frame = element('frame');
frame.contentWindow = {
  location: {replace: (url) => navigated.push(url)},
  postMessage: (data, origin) => sent.push([JSON.parse(JSON.stringify(data)), origin]),
};
var document = {getElementById: element, body: {
  dataset: {}, removeAttribute(name) { delete this.dataset[name.replace('data-', '')]; }}};
var window = {
  location: {origin: 'https://frames.example'},
  addEventListener: (name, f) => listeners.push(f),
  parent: {postMessage: (data, origin) => sent.push([JSON.parse(JSON.stringify(data)), origin])},
};
function URL(text) { this.origin = /^https?:..[^/]+/.exec(text)[0]; }
function Node() {}
function setTimeout(f) { timers.push(f); }
var runner = {withSuccessHandler(f) { this.success = f; return this; },
  withFailureHandler(f) { this.failure = f; return this; }};
['renewSession', 'shareWithServiceAccount', 'writeProof', 'activateTab', 'spreadsheetSettings',
  'showSidebar'].forEach((name) => { runner[name] = function(...args) {
    ran.push([name, args]);
    if (args[0] === 'fail') this.failure({message: 'Exception: Not today.'});
    else this.success({did: name});
  }; });
var google = {script: {run: runner}};
"""


class Browser:
    """One page, as far as the scripts can tell."""

    def __init__(self, script: str, **dataset: str) -> None:
        self._engine = quickjs.Context()
        self._engine.eval(BROWSER)
        self._engine.eval(f"document.body.dataset = {json.dumps(dataset)}")
        self._engine.eval(script)

    def do(self, code: str) -> None:
        """Run code, and then everything that it left to be done."""
        self._engine.eval(code)
        while self._engine.execute_pending_job():
            pass

    def see(self, expression: str) -> Any:
        """A value of the page."""
        return json.loads(self._engine.eval(f"JSON.stringify({expression})"))

    def message(
        self, data: object, *, origin: str = BACKEND, source: str = "frame.contentWindow"
    ) -> None:
        """Let a message arrive."""
        event = f"{{origin: {json.dumps(origin)}, source: {source}, data: {json.dumps(data)}}}"
        self.do(f"listeners.forEach((f) => f({event}))")


def the_sidebar(**dataset: str) -> Browser:
    found = re.search(r"<script>(.*?)</script>", SIDEBAR, re.DOTALL)
    assert found
    return Browser(found.group(1), **{"address": ADDRESS, "problem": "", **dataset})


def a_call(call: str, *args: object) -> dict[str, object]:
    return {"callsheet": 1, "id": "7", "call": call, "args": list(args)}


def test_the_frame_learns_who_frames_it_and_the_document_forgets_the_session() -> None:
    page = the_sidebar()

    assert page.see("navigated") == [f"{ADDRESS}&host=https%3A%2F%2Fframes.example"]
    assert "secret" not in json.dumps(page.see("document.body.dataset"))
    assert page.see("frame.src === undefined") is True


def test_a_problem_is_shown_in_place_of_the_frame() -> None:
    page = the_sidebar(address="", problem="<b>Ask Ada.")

    assert page.see("elements.reason.textContent") == "<b>Ask Ada."
    assert page.see("[frame.hidden, elements.problem.hidden, navigated]") == [True, False, []]


def test_an_allowed_call_is_run_and_answered_to_exactly_that_origin() -> None:
    page = the_sidebar()
    page.message(a_call("writeProof", "callsheet.proof", "nonce"))

    assert page.see("ran") == [["writeProof", ["callsheet.proof", "nonce"]]]
    answer = {"callsheet": 1, "id": "7", "ok": True, "value": {"did": "writeProof"}}
    assert page.see("sent") == [[answer, BACKEND]]


def test_a_failure_becomes_a_plain_sentence() -> None:
    page = the_sidebar()
    page.message(a_call("activateTab", "fail"))

    answer = {"callsheet": 1, "id": "7", "ok": False, "error": "Not today."}
    assert page.see("sent") == [[answer, BACKEND]]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (a_call("writeProof"), {"origin": "https://evil.example"}),
        (a_call("writeProof"), {"origin": BACKEND + ".evil.example"}),
        (a_call("writeProof"), {"source": "window"}),
        (a_call("showSidebar"), {}),
        (a_call("withFailureHandler"), {}),
        (a_call("constructor"), {}),
        ({**a_call("writeProof"), "callsheet": 2}, {}),
        ("writeProof", {}),
        (None, {}),
    ],
)
def test_anything_else_is_ignored(data: object, where: dict[str, str]) -> None:
    page = the_sidebar()
    page.message(data, **where)

    assert page.see("[ran, sent]") == [[], []]


def the_shim() -> Browser:
    return Browser(f'{SHIM}(["read", "write"], "{BACKEND}"); var run = window.google.script.run;')


@pytest.mark.parametrize("value", ["new Date()", "{a: [() => 1]}", "10n"])
def test_the_stand_in_refuses_what_cannot_travel(value: str) -> None:
    page = the_shim()
    page.do(f"try {{ run.read({value}) }} catch (error) {{ sent.push(error.message) }}")

    assert "illegal value" in page.see("sent")[0]


def test_ten_calls_fly_at_once_and_the_rest_wait() -> None:
    page = the_shim()
    page.do("for (let i = 0; i < 12; i++) run.withSuccessHandler((v) => ran.push(v)).read(i)")
    assert page.see("sent.length") == 10

    page.message({"appsScript": 1, "id": 3, "ok": True, "value": "c"}, source="window.parent")
    page.do("timers.forEach((f) => f())")

    assert page.see("ran") == ["c"]
    assert page.see("sent.length") == 11


def test_failures_carry_a_message_and_the_users_object() -> None:
    page = the_shim()
    page.do(
        "run.withUserObject('mine').withFailureHandler((e, o) => ran.push(e.message, o)).write()"
    )
    page.message({"appsScript": 1, "id": 1, "ok": False, "error": "No."}, source="window.parent")
    page.do("timers.forEach((f) => f())")

    assert page.see("ran") == ["No.", "mine"]


def test_only_public_functions_are_there() -> None:
    assert the_shim().see("[typeof run.read, typeof run.backendUrl_]") == ["function", "undefined"]
