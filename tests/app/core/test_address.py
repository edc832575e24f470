"""Under which name Kontor is asked: nothing that a client says of it is believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core import web
from config.settings import settings
from tests.firms import Firm, stranger


@pytest.fixture
def on_the_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    public = replace(settings(), public_url="https://kontor.example")
    monkeypatch.setattr(web, "settings", lambda: public)


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Iterator[None]:
    web._is_ours.cache_clear()
    yield
    web._is_ours.cache_clear()


@pytest.mark.usefixtures("on_the_internet")
@pytest.mark.parametrize("host", ["evil.example", "localhost", "kontor.example.evil.example", "10.0.0.1:8000"])
def test_under_a_name_that_is_not_ours_nothing_is_answered(acme: Firm, host: str) -> None:
    answer = acme.client().get(f"{acme.url}/contacts", headers={"Host": host})

    assert answer.status_code == 421
    assert "Kontor is at https://kontor.example." in answer.text
    assert host not in answer.text


@pytest.mark.usefixtures("on_the_internet")
@pytest.mark.parametrize("host", ["kontor.example", "Kontor.Example", "kontor.example:443"])
def test_under_our_name_all_is_as_ever(acme: Firm, host: str) -> None:
    assert stranger(acme).get("/login", headers={"Host": host}).status_code == 200


@pytest.mark.usefixtures("on_the_internet")
def test_who_looks_after_us_asks_by_number(acme: Firm) -> None:
    assert stranger(acme).get("/healthz", headers={"Host": "10.0.0.1:8000"}).status_code == 200


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:9000", "[::1]:8000"])
def test_on_ones_own_machine_each_of_its_names_is_ours(acme: Firm, host: str) -> None:
    assert stranger(acme).get("/login", headers={"Host": host}).status_code == 200


def test_a_foreign_page_cannot_lead_a_name_of_its_own_to_ones_own_machine(acme: Firm) -> None:
    """DNS rebinding."""
    assert stranger(acme).get("/login", headers={"Host": "evil.example"}).status_code == 421
