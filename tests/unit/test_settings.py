"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.errors import ConfigError
from callsheet.settings import Settings, embedded_socket


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(Settings.variable(name), raising=False)


def load() -> Settings:
    return Settings.load(env_file=None)


def test_the_defaults_are_the_real_services() -> None:
    settings = load()

    assert settings.aircall_api_url == "https://api.aircall.io"
    assert settings.sheets_api_url == "https://sheets.googleapis.com"
    assert settings.aircall_requests_per_minute == 60


@pytest.mark.parametrize("variable", ["AIRCALL_API_URL", "SHEETS_API_URL", "CALLSHEET_PUBLIC_URL"])
def test_plain_http_is_for_this_machine_only(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9000/")
    load()

    for address in ("http://aircall.example.com", "http://127.0.0.1.example.com", "ftp://x", "x"):
        monkeypatch.setenv(variable, address)
        with pytest.raises(ConfigError, match=variable):
            load()


def test_all_that_is_wrong_is_told_at_once_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("AIRCALL_REQUESTS_PER_MINUTE", "500")
    monkeypatch.setenv("CALLSHEET_SESSION_KEY", "too-short-secret")

    with pytest.raises(ConfigError) as caught:
        load()

    sentence = caught.value.user_message
    assert all(
        name in sentence
        for name in ("PORT", "AIRCALL_REQUESTS_PER_MINUTE", "CALLSHEET_SESSION_KEY")
    )
    assert "too-short-secret" not in sentence + str(caught.value)


def test_required_settings_are_named_by_their_variable() -> None:
    with pytest.raises(ConfigError, match="AIRCALL_API_ID, CALLSHEET_SESSION_KEY are not set"):
        load().require("aircall_api_id", "session_key")


def test_secrets_do_not_show_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRCALL_API_TOKEN", "secret-token")
    monkeypatch.setenv("CALLSHEET_SEALING_KEYS", "key-one key-two")

    settings = load()

    assert len(settings.sealing_keys) == 2
    assert "secret-token" not in repr(settings)
    assert "key-one" not in repr(settings)


def test_an_env_file_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=7000\nAIRCALL_API_ID=from-file\n")
    monkeypatch.setenv("PORT", "7001")

    settings = Settings.load(env_file=file)

    assert (settings.port, settings.aircall_api_id) == (7001, "from-file")


def test_the_embedded_socket_stays_short_enough(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)

    assert embedded_socket(tmp_path).name
    assert len(str(embedded_socket(long))) < 100
    assert embedded_socket(long) == embedded_socket(long)
