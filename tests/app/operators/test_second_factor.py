"""No operator comes into the console by a password alone, save where Kontor is only tried."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

import pytest
from flask import Flask

from app.operators import operator_factors
from config.settings import settings
from tests.app.operators.conftest import EMAIL, PASSWORD
from tests.authenticators import Phone, codes_on, secret_on
from tests.commands import command_line
from tests.firms import Firm, Visitor

ADD, ASK = "/operator/login/app", "/operator/login/second-factor"


@pytest.fixture(autouse=True)
def _run_for_real(olga: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Olga was made; not in the mode for trying."""
    real = replace(settings(), embedded=False)
    monkeypatch.setattr(operator_factors, "settings", lambda: real)


def password_typed(app: Flask) -> tuple[Visitor, str]:
    browser = Visitor(app)
    return browser, browser.post("/operator/login", data={"email": EMAIL, "password": PASSWORD}).location


def is_in(browser: Visitor) -> bool:
    return browser.get("/operator").status_code == HTTPStatus.OK


def first_log_in(app: Flask) -> tuple[Visitor, Phone]:
    browser, to = password_typed(app)
    phone = Phone(secret_on(browser.get(to).text), [])
    answer = browser.post(ADD, data={"code": phone.code()})
    phone.recovery_codes = codes_on(browser.get(answer.location).text)
    return browser, phone


def test_at_the_first_log_in_an_app_is_added_before_anything_else(app: Flask) -> None:
    browser, to = password_typed(app)
    before = is_in(browser)
    wrong = browser.post(to, data={"code": "000000"})
    still_out = not is_in(browser)
    entered, phone = first_log_in(app)

    assert to.startswith(ADD)
    assert (before, still_out) == (False, True)
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert is_in(entered)
    assert len(phone.recovery_codes) == 10


def test_then_it_is_asked_for_every_time_and_a_code_works_once(app: Flask) -> None:
    _, phone = first_log_in(app)
    (one, to), (other, _), code = password_typed(app), password_typed(app), phone.code()

    one.post(to, data={"code": code})
    again = other.post(ASK, data={"code": code})

    assert to.startswith(ASK)
    assert is_in(one)
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not is_in(other)


def test_a_recovery_code_opens_once(app: Flask) -> None:
    _, phone = first_log_in(app)
    (one, _), (other, _) = password_typed(app), password_typed(app)

    one.post(ASK, data={"code": phone.recovery_codes[0]})
    other.post(ASK, data={"code": phone.recovery_codes[0]})

    assert (is_in(one), is_in(other)) == (True, False)


def test_the_step_of_a_person_leads_into_no_console(app: Flask, acme: Firm) -> None:
    from tenants.second_factors import steps
    from tenants.second_factors.models import Account, StepPurpose

    with app.app_context():
        token = steps.begin(Account(identity_id=acme.identity_id), StepPurpose.LOG_IN)
    browser = Visitor(app)
    with browser.session_transaction() as session:
        session["step"] = token

    assert browser.get(ASK).location == "/operator/login"
    assert browser.post(ASK, data={"code": "1"}).location == "/operator/login"


def test_who_is_deactivated_between_the_two_steps_stays_out(app: Flask) -> None:
    from tenants import operators
    from tenants.operators import Hand

    _, phone = first_log_in(app)
    browser, to = password_typed(app)
    with app.app_context():
        operators.deactivate(email=EMAIL, by=Hand())

    assert browser.post(to, data={"code": phone.code()}).status_code == HTTPStatus.NOT_FOUND
    assert not is_in(browser)


def test_who_has_lost_it_adds_a_new_one_and_was_logged_out(app: Flask) -> None:
    browser, _ = first_log_in(app)

    said = command_line(app)("operators", "remove-second-factor", EMAIL)
    _, to = password_typed(app)

    assert said.returncode == 0, said.stderr
    assert not is_in(browser)
    assert to.startswith(ADD)


def test_a_person_is_helped_by_the_command_line_too_and_told(app: Flask, acme: Firm) -> None:
    from sqlalchemy import select

    from tenants.db import platform_reading
    from tenants.models import Mail
    from tests.authenticators import add_app, log_in
    from tests.colleagues import colleague
    from tests.firms import PASSWORD as KNOWN

    gita = colleague(acme, name="Gita Gut")
    add_app(gita.client())

    said = command_line(app)("people", "remove-second-factor", gita.email)
    nobody = command_line(app)("people", "remove-second-factor", "nobody@firm.example")
    _, to = log_in(app, gita.email, KNOWN)
    with app.app_context(), platform_reading() as session:
        subjects = session.scalars(select(Mail.subject).where(Mail.recipient == gita.email)).all()

    assert said.returncode == 0, said.stderr
    assert nobody.returncode != 0
    assert "Nobody has this address." in nobody.stderr
    assert to == "/firms"
    assert "Your second factor was taken away" in subjects
