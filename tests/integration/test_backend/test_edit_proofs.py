"""The proof of edit access: without it nothing changes."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.integration


def test_writing_the_nonce_proves_edit_access(newcomer: Any, account: Any) -> None:
    sidebar = newcomer()
    assert sidebar("GET", "/overview").json["edit_proved"] is False

    begun = sidebar("POST", "/edit-proofs")
    account.shared["sheet-1"].add(begun.json["nonce"])
    proved = sidebar("POST", "/edit-proofs/verify", {"nonce": begun.json["nonce"]})

    assert begun.status_code == 201
    assert begun.json["key"] == "callsheet.proof"
    assert begun.json["service_account_email"] == account.email
    assert proved.json == {"edit_proved": True}
    assert sidebar("GET", "/overview").json["edit_proved"] is True


def test_a_nonce_counts_once(newcomer: Any, account: Any) -> None:
    sidebar = newcomer()
    nonce = sidebar("POST", "/edit-proofs").json["nonce"]
    account.shared["sheet-1"].add(nonce)
    sidebar("POST", "/edit-proofs/verify", {"nonce": nonce})
    account.shared["sheet-1"].add(nonce)

    again = sidebar("POST", "/edit-proofs/verify", {"nonce": nonce})

    assert again.status_code == 400


def test_a_nonce_that_nobody_wrote_proves_nothing(newcomer: Any) -> None:
    sidebar = newcomer()
    nonce = sidebar("POST", "/edit-proofs").json["nonce"]

    refused = sidebar("POST", "/edit-proofs/verify", {"nonce": nonce})

    assert refused.status_code == 400
    assert sidebar("GET", "/overview").json["edit_proved"] is False


def test_a_nonce_of_another_person_or_spreadsheet_proves_nothing(
    newcomer: Any, account: Any
) -> None:
    mine, other_person = newcomer(), newcomer(sub="2002", email="eve@example.com")
    other_spreadsheet = newcomer(body={"spreadsheet_id": "sheet-2"})
    nonce = mine("POST", "/edit-proofs").json["nonce"]
    for written in account.shared.values():
        written.add(nonce)

    for thief in (other_person, other_spreadsheet):
        assert thief("POST", "/edit-proofs/verify", {"nonce": nonce}).status_code == 400

    assert account.shared["sheet-1"] == {nonce}, "a stranger's try takes nothing away"
    assert mine("POST", "/edit-proofs/verify", {"nonce": nonce}).status_code == 200


def test_a_spreadsheet_that_is_not_shared_says_with_whom_to_share(newcomer: Any) -> None:
    sidebar = newcomer(body={"spreadsheet_id": "private"})
    nonce = sidebar("POST", "/edit-proofs").json["nonce"]

    refused = sidebar("POST", "/edit-proofs/verify", {"nonce": nonce})

    assert refused.status_code == 422
    assert refused.json["error"]["code"] == "no_edit_access"
    assert "robot@project.iam.gserviceaccount.com" in refused.json["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/connections", {"api_id": "a", "api_token": "b"}),
        ("PUT", "/connections/x", {"api_id": "a", "api_token": "b"}),
        ("DELETE", "/connections/x", None),
        ("POST", "/flows", {"entity": "calls", "since": "2026-01-01"}),
        ("PATCH", "/flows/x", {"schedule": {"cadence": "daily"}}),
        ("DELETE", "/flows/x", None),
        ("POST", "/flows/x/runs", None),
    ],
)
def test_every_change_needs_the_proof(newcomer: Any, method: str, path: str, body: Any) -> None:
    refused = newcomer()(method, path, body)

    assert refused.status_code == 403
    assert refused.json["error"]["code"] == "edit_not_proved"


def test_what_others_have_set_up_is_shown_only_to_editors(editor: Any, newcomer: Any) -> None:
    sidebar = editor()
    sidebar("POST", "/connections", {"api_id": "good", "api_token": "good-token-1234567890"})
    stranger = newcomer(sub="3003", email="mallory@example.com")

    refused = stranger("GET", "/overview")

    assert refused.status_code == 403
    assert refused.json["error"]["code"] == "edit_not_proved"
    assert b"good" not in refused.data
    assert sidebar("GET", "/overview").status_code == 200
