"""One firm that asks for much leaves threads for the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from uuid import uuid4

import pytest

from app.core import shares, web
from app.core.shares import FirmBusy, Shares
from tests.firms import Firm
from tests.programs import program


@pytest.fixture
def full(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> Shares:
    """All that Acme may ask for at once is being asked."""
    found = Shares(most=2, waiting=1)
    monkeypatch.setattr(web, "shares", lambda: found)
    monkeypatch.setattr(shares, "PATIENCE", 0.01)
    for _ in range(2):
        found._busy[acme.scope.tenant_id] += 1
    return found


@pytest.mark.usefixtures("full")
def test_what_a_firm_asks_for_beyond_its_share_is_refused_in_words(acme: Firm, globex: Firm) -> None:
    page, other = acme.client().get(f"{acme.url}/contacts"), globex.client().get(f"{globex.url}/contacts")

    assert (page.status_code, other.status_code) == (429, 200)
    assert page.headers["Retry-After"] == "1"
    assert "Your firm is asking for very much at the same time." in page.text


@pytest.mark.usefixtures("full")
def test_a_program_is_told_so_in_its_way(acme: Firm) -> None:
    client = program(acme)

    answer = client.get(f"{acme.url}/api/v1/contacts")

    assert (answer.status_code, answer.json["code"]) == (429, "firm_busy")
    assert answer.headers["Retry-After"] == "1"


def test_who_waits_is_let_in_when_another_one_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "PATIENCE", 30.0)
    firm, found = uuid4(), Shares(most=1, waiting=1)
    first, entered = ExitStack(), Event()
    first.enter_context(found.taken(firm))

    def second() -> None:
        with found.taken(firm):
            entered.set()

    with ThreadPoolExecutor(1) as people:
        waiting = people.submit(second)
        while not found._waiting:
            assert not waiting.done()
        with pytest.raises(FirmBusy), found.taken(firm):
            raise AssertionError
        assert not entered.is_set()
        first.close()
        waiting.result(30)

    assert entered.is_set()
    assert not found._busy
    assert not found._waiting


def test_what_ends_in_an_error_gives_its_share_back() -> None:
    firm, found = uuid4(), Shares(most=1, waiting=1)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError), found.taken(firm):
            raise ZeroDivisionError

    assert not found._busy
