"""Before something dangerous whoever is logged in shows again that it is they; after a while, and not all the time."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest

from tenants import clock
from tests.authenticators import Phone
from tests.colleagues import Colleague, colleague
from tests.firms import PASSWORD, Firm

LATER = timedelta(minutes=16)


@pytest.fixture
def boss(acme: Firm) -> Colleague:
    """An administrator who has just logged in."""
    return colleague(acme, name="Bess Boss", role="admin")


def test_right_after_the_log_in_nobody_asks(boss: Colleague) -> None:
    assert boss.client().get("/acme/tokens/new").status_code == HTTPStatus.OK


@pytest.mark.parametrize("path", ["/acme/tokens/new", "/acme/users/invite", "/acme/users/second-factor"])
def test_a_while_later_the_password_is_asked_for_and_it_goes_on(boss: Colleague, path: str) -> None:
    browser = boss.client()
    clock.travel_with(lambda: LATER)
    try:
        to = browser.get(path).location
        wrong = browser.post(to, data={"password": "wrong"})
        right = browser.post(to, data={"password": PASSWORD})
        after = browser.get(path)
    finally:
        clock.travel_with(timedelta)

    assert to == f"/prove?next={path}"
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert right.location == path
    assert after.status_code == HTTPStatus.OK


def test_what_was_opened_in_time_can_still_be_sent(boss: Colleague) -> None:
    browser = boss.client()
    clock.travel_with(lambda: timedelta(minutes=40))
    try:
        sent = browser.post("/acme/users/second-factor", data={})
    finally:
        clock.travel_with(timedelta)

    assert sent.location == "/acme/users"


def test_what_is_sent_much_later_is_not_done_and_leads_back_to_its_page(boss: Colleague) -> None:
    browser, page = boss.client(), "/acme/tokens/new"
    clock.travel_with(lambda: timedelta(minutes=61))
    try:
        sent = browser.post(
            page, data={"name": "Robot", "scope": "contacts.read"}, headers={"Referer": f"http://localhost{page}"}
        )
        browser.post(sent.location, data={"password": PASSWORD})
        tokens = browser.get("/acme/tokens").text
    finally:
        clock.travel_with(timedelta)

    assert sent.location == f"/prove?next={page}"
    assert "Robot" not in tokens


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/x", "/\\evil.example"])
def test_nobody_is_led_elsewhere(boss: Colleague, evil: str) -> None:
    answer = boss.client().post("/prove", query_string={"next": evil}, data={"password": PASSWORD})

    assert answer.location == "/firms"


def test_who_has_a_second_factor_shows_that(gita: Colleague, phone: Phone) -> None:
    browser = gita.client()
    clock.travel_with(lambda: LATER)
    page = browser.get("/prove?next=/profile/second-factor/app")

    by_password = browser.post("/prove", data={"password": PASSWORD})
    by_code = browser.post("/prove?next=/profile/second-factor/app", data={"code": phone.code()})

    assert "Code or recovery code" in page.text
    assert by_password.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert by_code.location == "/profile/second-factor/app"
    assert browser.get("/profile/second-factor/app").status_code == HTTPStatus.OK


def test_a_second_factor_is_neither_added_nor_removed_in_a_browser_left_open(gita: Colleague, phone: Phone) -> None:
    browser = gita.client()
    clock.travel_with(lambda: timedelta(minutes=61))

    for path in ("/profile/second-factor/app", "/profile/second-factor/passkey", "/profile/second-factor/codes"):
        assert browser.post(path, data={"code": phone.code()}).location.startswith("/prove")
    clock.travel_with(timedelta)
    assert "10 recovery codes of 10" in browser.get("/profile/second-factor").text
