"""The add-on's own files, run in a JavaScript engine against stand-ins of Google's services."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.appsscript.host import ServiceHost, allowed
from sandbox.appsscript.runtime import AuthMode, Outcome, ScriptError, ScriptProject

ADD_ON = Path(__file__).parents[2] / "appsscript"
BACKEND = "https://callsheet.example.com"
ACCOUNT = "callsheet@demo-project.iam.gserviceaccount.com"
SESSION = {
    "session": "abc/+=",
    "expires_at": "2026-11-24T12:00:00Z",
    "sidebar_url": f"{BACKEND}/sidebar",
}


@dataclass
class DocumentInMemory:
    """A spreadsheet with two tabs that remembers what was done to it."""

    spreadsheet_id: str = "sheet-1"
    editors: list[str] = field(default_factory=list)
    metadata: list[dict[str, Any]] = field(default_factory=list)
    refuses_sharing: bool = False

    def read(self) -> dict[str, Any]:
        return {
            "properties": {"title": "Report", "timeZone": "Europe/Paris", "locale": "fr_FR"},
            "sheets": [
                {"properties": {"title": "Sheet1"}},  # the API leaves out an id of 0
                {"properties": {"sheetId": 77, "title": "Aircall – Calls"}},
            ],
        }

    def add_editor(self, email: str) -> None:
        if self.refuses_sharing:
            raise ScriptError("Sharing outside of your organisation is not allowed.")
        self.editors.append(email)

    def find_metadata(self, lookup: dict[str, Any]) -> list[dict[str, Any]]:
        assert lookup["locationType"] == "SPREADSHEET"
        return [one for one in self.metadata if one["metadataKey"] == lookup["metadataKey"]]

    def add_metadata(self, key: str, value: str, visibility: str) -> None:
        self.metadata.append(
            {
                "metadataId": len(self.metadata) + 1,
                "metadataKey": key,
                "metadataValue": value,
                "visibility": visibility,
            }
        )

    def remove_metadata(self, metadata_id: int) -> None:
        self.metadata = [one for one in self.metadata if one["metadataId"] != metadata_id]


def a_project(
    answer: Callable[[httpx.Request], httpx.Response] | None = None,
    *,
    document: DocumentInMemory | None = None,
    backend: str | None = BACKEND,
    identity: str | None = "identity-token",
) -> ScriptProject:
    host = ServiceHost(
        document=document or DocumentInMemory(),
        user_email="ada@example.com",
        identity_token=lambda: identity,
        script_properties={"BACKEND_URL": backend} if backend else {},
        url_whitelist=json.loads((ADD_ON / "appsscript.json").read_text())["urlFetchWhitelist"],
        transport=httpx.MockTransport(answer or (lambda _: httpx.Response(201, json=SESSION))),
    )
    return ScriptProject(ADD_ON, host)


def the_sidebar(outcome: Outcome) -> str:
    [effect] = outcome.effects
    assert effect["type"] == "sidebar"
    return str(effect["html"])


def test_only_the_functions_meant_for_the_menu_and_the_page_are_public() -> None:
    assert a_project().public_functions() == [
        "activateTab",
        "onInstall",
        "onOpen",
        "renewSession",
        "shareWithServiceAccount",
        "showSidebar",
        "spreadsheetSettings",
        "writeProof",
    ]


@pytest.mark.parametrize("mode", list(AuthMode))
@pytest.mark.parametrize("trigger", ["onOpen", "onInstall"])
def test_the_menu_appears_in_every_authorisation_mode(mode: AuthMode, trigger: str) -> None:
    [menu] = a_project().run(trigger, {"authMode": mode}, mode=mode).effects

    assert menu["items"] == [{"label": "Open sidebar", "functionName": "showSidebar"}]


def test_every_menu_item_names_a_public_function() -> None:
    project = a_project()
    [menu] = project.open(AuthMode.NONE).effects

    assert {one["functionName"] for one in menu["items"]} <= set(project.public_functions())


def test_the_sidebar_asks_for_a_session_as_this_user_for_this_spreadsheet() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json=SESSION)

    a_project(answer).run("showSidebar")

    [request] = seen
    assert (request.method, str(request.url)) == ("POST", f"{BACKEND}/api/v1/sessions")
    assert request.headers["Authorization"] == "Bearer identity-token"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.content) == {
        "spreadsheet_id": "sheet-1",
        "spreadsheet_title": "Report",
        "time_zone": "Europe/Paris",
        "locale": "fr_FR",
    }


def test_the_session_travels_in_the_fragment_of_the_frames_address() -> None:
    page = the_sidebar(a_project().run("showSidebar"))

    assert f'data-address="{BACKEND}/sidebar#session=abc%2F%2B%3D"' in page
    assert 'data-problem=""' in page


def test_a_refusal_of_the_backend_is_shown_in_its_own_words() -> None:
    error = {"error": {"code": "not_allowed", "message": 'Ask <b>"Ada"</b>.', "recovery": "x"}}

    page = the_sidebar(a_project(lambda _: httpx.Response(403, json=error)).run("showSidebar"))

    assert 'data-problem="Ask &#60;b&#62;&#34;Ada&#34;&#60;/b&#62;."' in page
    assert 'data-address=""' in page


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(200, text="not json"),
        httpx.Response(500, json={"error": None}),
    ],
)
def test_an_answer_that_says_nothing_becomes_one_clear_sentence(answer: httpx.Response) -> None:
    page = the_sidebar(a_project(lambda _: answer).run("showSidebar"))

    assert "Callsheet cannot be reached right now." in page


def test_a_backend_that_is_down_becomes_one_clear_sentence() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    page = the_sidebar(a_project(refuse).run("showSidebar"))

    assert "Callsheet cannot be reached right now." in page


def test_a_missing_identity_asks_for_permission_again() -> None:
    page = the_sidebar(a_project(identity=None).run("showSidebar"))

    assert "allow every permission" in page


@pytest.mark.parametrize("backend", [None, "http://callsheet.example.com", "ftp://x", "example"])
def test_without_a_safe_backend_address_an_alert_says_what_to_set(backend: str | None) -> None:
    [alert] = a_project(backend=backend).run("showSidebar").effects

    assert alert["type"] == "alert"
    assert "BACKEND_URL" in alert["text"]


@pytest.mark.parametrize(
    "sidebar_url", ["https://evil.example/sidebar", "javascript:alert(1)", "", None]
)
def test_a_page_on_another_origin_is_not_framed(sidebar_url: str | None) -> None:
    answer = httpx.Response(201, json={**SESSION, "sidebar_url": sidebar_url})

    page = the_sidebar(a_project(lambda _: answer).run("showSidebar"))

    assert "address that is not its own" in page
    assert 'data-address=""' in page


def test_a_new_session_is_fetched_without_opening_the_sidebar_again() -> None:
    outcome = a_project().run("renewSession")

    assert outcome.value == {"session": "abc/+=", "expires_at": "2026-11-24T12:00:00Z"}
    assert outcome.effects == ()


def test_a_service_account_becomes_an_editor() -> None:
    document = DocumentInMemory()

    assert a_project(document=document).run("shareWithServiceAccount", ACCOUNT).value is True
    assert document.editors == [ACCOUNT]


@pytest.mark.parametrize(
    "email",
    ["eve@example.com", "a@b.iam.gserviceaccount.com.evil.example", "", None, 7, [ACCOUNT]],
)
def test_nobody_else_becomes_an_editor(email: object) -> None:
    document = DocumentInMemory()

    with pytest.raises(ScriptError, match="Only a Google service account"):
        a_project(document=document).run("shareWithServiceAccount", email)
    assert document.editors == []


def test_refused_sharing_says_what_to_do() -> None:
    with pytest.raises(ScriptError, match="Ask its administrator"):
        a_project(document=DocumentInMemory(refuses_sharing=True)).run(
            "shareWithServiceAccount", ACCOUNT
        )


def test_a_proof_replaces_the_older_one() -> None:
    document = DocumentInMemory()
    document.add_metadata("somebody.else", "keep", "PROJECT")
    project = a_project(document=document)

    project.run("writeProof", "callsheet.proof", "first-nonce-0123456789")
    project.run("writeProof", "callsheet.proof", "second-nonce-0123456789")

    assert [(one["metadataValue"], one["visibility"]) for one in document.metadata] == [
        ("keep", "PROJECT"),
        ("second-nonce-0123456789", "DOCUMENT"),
    ]


@pytest.mark.parametrize(
    ("key", "nonce"),
    [
        ("callsheet.tab", "a-nonce-0123456789"),
        ("callsheet.proof", "short"),
        ("callsheet.proof", "=SUM(A1:A9)*0123456789()"),
        ("callsheet.proof", None),
        (None, None),
    ],
)
def test_nothing_but_a_proof_can_be_written(key: object, nonce: object) -> None:
    document = DocumentInMemory()

    with pytest.raises(ScriptError):
        a_project(document=document).run("writeProof", key, nonce)
    assert document.metadata == []


@pytest.mark.parametrize("tab_id", [0, 77])
def test_a_tab_comes_to_the_front_by_its_id(tab_id: int) -> None:
    outcome = a_project().run("activateTab", tab_id)

    assert outcome.effects == ({"type": "activateTab", "tabId": tab_id},)


@pytest.mark.parametrize("tab_id", [5, -1, 1.5, "77", None])
def test_an_unknown_tab_is_one_clear_sentence(tab_id: object) -> None:
    with pytest.raises(ScriptError, match="tab"):
        a_project().run("activateTab", tab_id)


def test_the_settings_of_the_spreadsheet() -> None:
    assert a_project().run("spreadsheetSettings").value == {
        "title": "Report",
        "timeZone": "Europe/Paris",
        "locale": "fr_FR",
    }


@pytest.mark.parametrize(
    ("url", "entry", "expected"),
    [
        ("https://a.example/api/v1", "https://a.example/", True),
        ("https://a.example/api/v1", "https://a.example/api/", True),
        ("https://a.example/", "https://a.example/api/", False),
        ("https://x.a.example/", "https://*.a.example/", True),
        ("https://a.example.evil/", "https://a.example/", False),
        ("http://a.example/", "https://a.example/", False),
        ("https://a.example/", "https://a.example", False),
    ],
)
def test_the_whitelist_of_the_manifest(url: str, entry: str, expected: bool) -> None:
    assert allowed(url, entry) is expected


def test_the_manifest_asks_for_no_sensitive_permission() -> None:
    manifest = json.loads((ADD_ON / "appsscript.json").read_text())

    assert [scope.rsplit("/", 1)[-1] for scope in manifest["oauthScopes"]] == [
        "openid",
        "userinfo.email",
        "script.container.ui",
        "script.external_request",
        "spreadsheets.currentonly",
    ]
    assert manifest["runtimeVersion"] == "V8"
    assert manifest["exceptionLogging"] == "STACKDRIVER"
