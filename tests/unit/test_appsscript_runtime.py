"""The stand-in of Apps Script refuses what the real one refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.appsscript.runtime import AuthMode, ScriptError, ScriptProject


class NoHost:
    """Answers nothing: these scripts stay inside the engine."""

    def answer(self, method: str, args: list[Any]) -> Any:
        if method == "spreadsheetId":
            raise RuntimeError("the network is gone")
        raise ScriptError(f"unexpected {method}{args}")


def a_project(folder: Path, code: str, **pages: str) -> ScriptProject:
    (folder / "Code.gs").write_text(code)
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page)
    return ScriptProject(folder, NoHost())


@pytest.mark.parametrize("value", ["new Date()", "{when: [new Date()]}", "() => 1"])
def test_dates_and_functions_cannot_be_returned(tmp_path: Path, value: str) -> None:
    project = a_project(tmp_path, f"function give() {{ return ({value}); }}")

    with pytest.raises(ScriptError, match="not a supported return type"):
        project.run("give")


def test_each_execution_starts_afresh(tmp_path: Path) -> None:
    project = a_project(tmp_path, "let n = 0; function count() { n += 1; return n; }")

    assert [project.run("count").value, project.run("count").value] == [1, 1]


def test_a_service_call_at_top_level_takes_the_whole_menu_away(tmp_path: Path) -> None:
    project = a_project(tmp_path, "const id = SpreadsheetApp.getActive(); function onOpen() {}")

    with pytest.raises(ScriptError, match=r"permission to call SpreadsheetApp\.getActive"):
        project.open(AuthMode.NONE)


@pytest.mark.parametrize(
    ("mode", "call"),
    [
        (AuthMode.NONE, "PropertiesService.getScriptProperties()"),
        (AuthMode.LIMITED, "UrlFetchApp.fetch('https://a.example/')"),
        (AuthMode.LIMITED, "ScriptApp.getIdentityToken()"),
        (AuthMode.LIMITED, "SpreadsheetApp.getUi().showSidebar(HtmlService.createHtmlOutput(''))"),
    ],
)
def test_what_the_user_has_not_allowed_yet_is_refused(
    tmp_path: Path, mode: AuthMode, call: str
) -> None:
    project = a_project(tmp_path, f"function go() {{ {call}; }}")

    with pytest.raises(ScriptError, match="You do not have permission"):
        project.run("go", mode=mode)


def test_printed_values_are_escaped_by_where_they_stand(tmp_path: Path) -> None:
    page = '<p title="<?= v ?>"><?= v ?></p><?!= v ?><? if (v) { ?>yes<? } ?><script>x=<?= v ?>'
    code = """
      function show() {
        const page = HtmlService.createTemplateFromFile('Page');
        page.v = '</script>"';
        return page.evaluate().getContent();
      }"""

    assert a_project(tmp_path, code, Page=page).run("show").value == (
        '<p title="&#60;/script&#62;&#34;">&#60;/script&#62;&#34;</p></script>"yes'
        '<script>x="\\u003c/script\\u003e\\""'
    )


def test_a_script_may_catch_the_failure_of_a_service(tmp_path: Path) -> None:
    code = """
      function go() {
        try { SpreadsheetApp.getActive().getId(); } catch (error) { return error.message; }
      }"""

    assert "Service error" in a_project(tmp_path, code).run("go").value


def test_unknown_functions_and_files_are_told(tmp_path: Path) -> None:
    project = a_project(tmp_path, "function go() { HtmlService.createTemplateFromFile('../x'); }")

    with pytest.raises(ScriptError, match="No HTML file"):
        project.run("go")
    with pytest.raises(ScriptError, match="not found"):
        project.run("askHost")
