"""Sentences about bad input never repeat the input."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from backend.inputs import FlowBody, KeyBody, SessionBody
from callsheet.wrong_input import sentence


def refusal(model: type[BaseModel], body: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(body)
    return sentence(caught.value).user_message


def test_a_missing_field_is_named() -> None:
    assert refusal(FlowBody, {}) == "The entity is missing. Give it and try again."


def test_an_unknown_field_is_named() -> None:
    assert "The field colour is not known" in refusal(FlowBody, {"entity": "calls", "colour": 1})


def test_a_choice_lists_what_there_is() -> None:
    message = refusal(FlowBody, {"entity": "calls", "schedule": {"cadence": "often"}})

    assert "the shortest is every 15 minutes. It has to be one of 'off'" in message


def test_a_token_in_the_wrong_place_is_not_repeated() -> None:
    secret = "very-secret"

    for body in ({"api_id": secret * 30}, {"api_token": [secret]}, {secret: 1}, [secret]):
        with pytest.raises(ValidationError) as caught:
            KeyBody.model_validate(body)
        if not isinstance(body, dict) or secret not in body:
            assert secret not in sentence(caught.value).user_message
        assert secret not in str(sentence(caught.value).args) or secret in body


def test_a_token_is_trimmed_and_hidden() -> None:
    body = KeyBody.model_validate({"api_id": " id ", "api_token": " token "})

    assert body.api_id == "id"
    assert body.api_token is not None
    assert body.api_token.get_secret_value() == "token"
    assert "token " not in repr(body).replace("api_token ", "")


@pytest.mark.parametrize("bad", ["", "a/b", "x" * 201, "ä"])
def test_a_spreadsheet_id_has_its_form(bad: str) -> None:
    assert "spreadsheet_id" in refusal(SessionBody, {"spreadsheet_id": bad})
