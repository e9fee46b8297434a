"""The sidebar page keeps to its own policy: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask

import backend
from backend.app import create_app
from backend.services import Services, build_services
from callsheet.errors import ConfigError
from callsheet.settings import Settings

STATIC = Path(backend.__file__).parent / "static" / "sidebar"
MODULES = sorted(STATIC.glob("*.js"))


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(_env_file=None), cast(Services, SimpleNamespace()))


@pytest.fixture(scope="module")
def html(app: Flask) -> str:
    return app.test_client().get("/sidebar").get_data(as_text=True)


def test_nothing_is_inline(html: str) -> None:
    assert "<style" not in html
    assert not re.search(r"\s(style|on\w+)=", html)
    assert re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL) == [""]


def test_everything_comes_from_our_own_server(app: Flask, html: str) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]+)"', html)

    assert len(addresses) == len(MODULES) + 2
    for address in addresses:
        assert address.startswith("/static/sidebar/")
        with app.test_client().get(address) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_text_is_never_set_as_markup_nor_kept_in_the_browser(module: Path) -> None:
    code = module.read_text(encoding="utf-8")

    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "localStorage",
        "sessionStorage",
        "document.cookie",
        "console.",
        "https://",
        "http://",
    ):
        assert forbidden not in code.replace("http://www.w3.org/2000/svg", "")
    for imported in re.findall(r'from "\./([^"]+)"', code):
        assert (STATIC / imported).is_file()


def test_missing_settings_are_named_all_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        build_services(Settings(_env_file=None))

    for name in (
        "GOOGLE_SERVICE_ACCOUNT_FILE",
        "CALLSHEET_IDENTITY_AUDIENCE",
        "CALLSHEET_SESSION_KEY",
        "CALLSHEET_SEALING_KEYS",
    ):
        assert name in caught.value.user_message
