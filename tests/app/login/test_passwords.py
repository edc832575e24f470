from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import select

from tests.firms import PASSWORD, Visitor

EMAIL = "forgetful@acme.example"
NEW = "a quite different sentence"


@pytest.fixture
def forgetful(app: Flask) -> str:
    """Somebody who has an account and does not remember its password."""
    from tenants import identities
    from tenants.db import platform_work

    with app.app_context(), platform_work() as session:
        old = identities.hash_password(PASSWORD)
        found = identities.find_or_add(session, email=EMAIL, name="Frieda", password_hash=old, locale="de")
        found.password_hash = old
    return EMAIL


@pytest.fixture
def time_machine() -> Iterator[None]:
    yield
    _travel(timedelta())


def _travel(offset: timedelta) -> None:
    from tenants import clock

    clock.travel_with(lambda: offset)


def mails(app: Flask, to: str) -> list[str]:
    from tenants.db import platform_reading
    from tenants.models import Mail

    with app.app_context(), platform_reading() as session:
        return list(session.scalars(select(Mail.body).where(Mail.recipient == to)))


def ask_for_link(app: Flask, browser: Visitor) -> str:
    browser.post("/password/forgotten", data={"email": EMAIL})
    found = re.search(r"http://[^/]+(/password/new/\S+)", mails(app, EMAIL)[-1])
    assert found is not None
    return found[1]


def log_in(browser: Visitor, password: str) -> int:
    return browser.post("/login", data={"email": EMAIL, "password": password}).status_code


def test_a_forgotten_password_is_set_anew_and_every_log_in_ends(app: Flask, browser: Visitor, forgetful: str) -> None:
    log_in(browser, PASSWORD)
    somewhere_else = Visitor(app)
    link = ask_for_link(app, somewhere_else)

    form = somewhere_else.get(link)
    saved = somewhere_else.post(link, data={"password": NEW}, follow_redirects=True)

    assert form.status_code == saved.status_code == HTTPStatus.OK
    assert "The new password is saved" in saved.text
    assert browser.get("/firms").location.startswith("/login")
    assert log_in(browser, PASSWORD) == HTTPStatus.UNPROCESSABLE_ENTITY
    assert log_in(browser, NEW) == HTTPStatus.SEE_OTHER


def test_the_mail_speaks_the_language_of_its_reader_and_keeps_its_link_whole(
    app: Flask, browser: Visitor, forgetful: str
) -> None:
    link = ask_for_link(app, browser)

    assert mails(app, EMAIL)[0].count(link) == 1


def test_nobody_learns_whether_an_address_is_known(app: Flask, browser: Visitor, forgetful: str) -> None:
    known = browser.post("/password/forgotten", data={"email": EMAIL}, follow_redirects=True)
    unknown = browser.post("/password/forgotten", data={"email": "who@nowhere.example"}, follow_redirects=True)

    assert known.status_code == unknown.status_code == HTTPStatus.OK
    assert "If there is an account with this address" in known.text
    assert _without_nonce(known.text) == _without_nonce(unknown.text)
    assert mails(app, "who@nowhere.example") == []


def _without_nonce(page: str) -> str:
    return re.sub(r'name="csp-nonce" content="[^"]*"', "", page)


def test_what_is_no_address_is_said_so(browser: Visitor) -> None:
    answer = browser.post("/password/forgotten", data={"email": "not an address"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "This is not an e-mail address." in answer.text
    assert 'value="not an address"' in answer.text


def test_a_link_works_once(app: Flask, browser: Visitor, forgetful: str) -> None:
    link = ask_for_link(app, browser)
    browser.post(link, data={"password": NEW})

    opened, pressed = browser.get(link), browser.post(link, data={"password": "yet another sentence"})

    assert opened.status_code == pressed.status_code == HTTPStatus.NOT_FOUND
    assert "This link does not work any more" in opened.text
    assert log_in(browser, NEW) == HTTPStatus.SEE_OTHER


def test_a_link_ends_after_two_hours(app: Flask, browser: Visitor, forgetful: str, time_machine: None) -> None:
    link = ask_for_link(app, browser)

    _travel(timedelta(hours=2))

    assert browser.get(link).status_code == HTTPStatus.NOT_FOUND
    assert browser.post(link, data={"password": NEW}).status_code == HTTPStatus.NOT_FOUND


def test_a_weak_password_does_not_use_the_link_up(app: Flask, browser: Visitor, forgetful: str) -> None:
    link = ask_for_link(app, browser)

    weak = browser.post(link, data={"password": "hallo"})
    strong = browser.post(link, data={"password": NEW})

    assert weak.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "The password needs at least 10 characters" in weak.text
    assert 'value="hallo"' not in weak.text
    assert strong.status_code == HTTPStatus.SEE_OTHER


def test_an_invented_link_opens_nothing(browser: Visitor) -> None:
    assert browser.get("/password/new/invented").status_code == HTTPStatus.NOT_FOUND
