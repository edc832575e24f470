"""Operators see when, from where and with which outcome their own password was typed."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from tests.app.operators.conftest import EMAIL, PASSWORD
from tests.firms import Visitor

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


def log_in(app: Flask, password: str, *, place: str, email: str = EMAIL) -> Visitor:
    browser = Visitor(app)
    sent = {"email": email, "password": password}
    where = {"environ_overrides": {"REMOTE_ADDR": place}, "headers": {"User-Agent": FIREFOX}}
    browser.post("/operator/login", data=sent, **where)
    return browser


def test_operators_see_their_last_log_ins_right_and_wrong_and_nobody_elses(app: Flask, olga: Visitor) -> None:
    from tenants import operators
    from tenants.operators import Hand

    with app.app_context():
        operators.create(email="otto@kontor.example", name="Otto", password=PASSWORD, by=Hand(who="Command line"))
    log_in(app, PASSWORD, place="198.51.100.3", email="otto@kontor.example")
    log_in(app, "wrong", place="203.0.113.77")
    browser = log_in(app, PASSWORD, place="2001:db8:1:2::9")

    page = browser.get("/operator/logins").text

    assert page.index("2001:db8:1:…") < page.index("203.0.113.…") < page.index("Wrong password")
    assert "Firefox, Windows" in page
    assert "203.0.113.77" not in page
    assert "198.51.100" not in page


def test_a_wrong_password_of_nobody_is_shown_to_nobody(app: Flask, olga: Visitor) -> None:
    log_in(app, "wrong", place="203.0.113.77", email="nobody@kontor.example")

    page = olga.get("/operator/logins").text

    assert "Wrong password" not in page
    assert page.count("127.0.0.…") == 1


def test_log_ins_of_operators_are_forgotten_with_those_of_members(app: Flask, olga: Visitor) -> None:
    from tenants import clock, logins

    before = olga.get("/operator/logins").text
    with app.app_context():
        clock.travel_with(lambda: timedelta(days=91))
        try:
            logins.forget_old()
        finally:
            clock.travel_with(timedelta)

    assert "127.0.0.…" in before
    assert "127.0.0.…" not in olga.get("/operator/logins").text


def test_every_page_of_the_console_leads_to_them(olga: Visitor) -> None:
    assert 'href="/operator/logins"' in olga.get("/operator").text
