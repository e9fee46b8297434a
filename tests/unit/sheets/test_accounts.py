"""The pool of service accounts: read from files, a stable choice, a pin that lasts."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from callsheet.errors import ConfigError, GoogleCredentialsRejected, Recovery, ServiceAccountGone
from callsheet.sheets.accounts import AccountPool, ServiceAccount


def key_file(folder: Path, name: str, **changes: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    key = {"client_email": f"{name}@p.iam.gserviceaccount.com", "project_id": "p", **changes}
    path.write_text(json.dumps(key))
    return path


def emails(setting: str) -> list[str]:
    return [account.email.partition("@")[0] for account in AccountPool.read(setting)]


def pool(*names: str) -> AccountPool:
    return AccountPool(ServiceAccount(name, "p", Path(name)) for name in names)


def test_one_file_several_files_or_a_folder(tmp_path: Path) -> None:
    one, two = key_file(tmp_path, "one"), key_file(tmp_path, "two")
    (tmp_path / "notes.txt").write_text("not a key")

    assert emails(str(one)) == ["one"]
    assert emails(f"{two} {one}") == ["two", "one"]
    assert emails(f"{one}{os.pathsep}{two}{os.pathsep}") == ["one", "two"]
    assert emails(str(tmp_path)) == ["one", "two"]


def test_a_single_file_may_have_spaces_in_its_name(tmp_path: Path) -> None:
    assert emails(str(key_file(tmp_path / "my keys", "the one"))) == ["the one"]


def test_two_keys_of_one_account_are_one_account(tmp_path: Path) -> None:
    key_file(tmp_path, "new", client_email="a@p.iam.gserviceaccount.com")
    key_file(tmp_path, "old", client_email="a@p.iam.gserviceaccount.com")

    assert emails(str(tmp_path)) == ["a"]


def test_a_key_without_a_project_belongs_to_that_of_its_address(tmp_path: Path) -> None:
    (account,) = AccountPool.read(str(key_file(tmp_path, "one", project_id="")))

    assert account.project == "p"


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    good = key_file(tmp_path, "one")
    empty = tmp_path / "empty"
    empty.mkdir()

    with pytest.raises(ConfigError, match=r"GOOGLE_SERVICE_ACCOUNT_FILE points to .*gone.json"):
        AccountPool.read(f"{good} {tmp_path / 'gone.json'}")
    with pytest.raises(ConfigError, match=r"in which no \*.json is"):
        AccountPool.read(str(empty))


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"', '{"client_email"'])
def test_a_file_that_is_no_key_is_named_without_its_content(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text)

    with pytest.raises(GoogleCredentialsRejected) as refused:
        AccountPool.read(str(tmp_path))

    assert refused.value.user_message.startswith("The file odd.json named in")


def test_the_choice_of_a_spreadsheet_is_stable_and_even() -> None:
    accounts = pool("a", "b", "c")

    chosen = {f"sheet-{n}": accounts.choose(f"sheet-{n}").email for n in range(300)}

    assert all(pool("c", "b", "a").choose(sheet).email == one for sheet, one in chosen.items())
    assert min(Counter(chosen.values()).values()) > 70


def test_a_pool_that_grows_takes_over_its_share_and_leaves_the_pinned_alone() -> None:
    before, after = pool("a", "b", "c"), pool("a", "b", "c", "d")
    sheets = [f"sheet-{n}" for n in range(300)]

    moved = [s for s in sheets if before.choose(s) != after.choose(s)]

    assert 40 < len(moved) < 120
    assert {after.choose(sheet).email for sheet in moved} == {"d"}
    for sheet in sheets:
        assert after.choose(sheet, pinned=before.choose(sheet).email) == before.choose(sheet)


def test_a_pin_whose_key_is_gone_says_what_to_do() -> None:
    accounts = pool("a", "b")

    with pytest.raises(ServiceAccountGone) as gone:
        accounts.pinned("c@p.iam.gserviceaccount.com")

    assert gone.value.recovery is Recovery.FIX_BY_USER
    assert "written as c@p.iam.gserviceaccount.com" in gone.value.user_message
    assert "disconnect in the sidebar and connect again" in gone.value.user_message
    assert accounts.choose("sheet", pinned="c@p.iam.gserviceaccount.com").email in ("a", "b")
