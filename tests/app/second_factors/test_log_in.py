"""Who knows the password is not in yet: the log-in asks for what only its owner has."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlalchemy import select

from tenants import clock, guessing
from tests.authenticators import Phone, add_app, forget_factors, log_in
from tests.colleagues import Colleague, colleague
from tests.firms import PASSWORD, Firm, Visitor

ASK = "/login/second-factor"
REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


def is_in(browser: Visitor, who: Colleague) -> bool:
    return browser.get(f"{who.firm.url}/contacts").status_code == HTTPStatus.OK


def begin(who: Colleague) -> Visitor:
    """The password was right."""
    browser, to = log_in(who.firm.app, who.email, PASSWORD)
    assert to.startswith(ASK)
    return browser


def mails_to(who: Colleague) -> list[str]:
    from tenants.db import platform_reading
    from tenants.models import Mail

    with who.firm.app.app_context(), platform_reading() as session:
        return list(session.scalars(select(Mail.subject).where(Mail.recipient == who.email).order_by(Mail.id)))


def test_the_password_alone_opens_nothing(gita: Colleague, phone: Phone) -> None:
    browser = begin(gita)

    assert not is_in(browser, gita)
    assert browser.get("/firms").location.startswith("/login")


def test_the_code_of_the_app_lets_in_and_leads_on(gita: Colleague, phone: Phone) -> None:
    browser, to = log_in(gita.firm.app, gita.email, PASSWORD, query_string={"next": f"{gita.firm.url}/companies"})

    answer = browser.post(to, data={"code": phone.code()})

    assert answer.location == f"{gita.firm.url}/companies"
    assert is_in(browser, gita)


def test_a_wrong_code_is_refused_and_tried_again(gita: Colleague, phone: Phone) -> None:
    browser = begin(gita)

    wrong = browser.post(ASK, data={"code": "000000"})
    right = browser.post(ASK, data={"code": phone.code()})

    assert (wrong.status_code, right.status_code) == (REFUSED, HTTPStatus.SEE_OTHER)
    assert "This code is not right" in wrong.text
    assert is_in(browser, gita)


def test_a_code_works_once_also_in_two_browsers(gita: Colleague, phone: Phone) -> None:
    code = phone.code()
    first, second = begin(gita), begin(gita)

    assert first.post(ASK, data={"code": code}).status_code == HTTPStatus.SEE_OTHER
    assert second.post(ASK, data={"code": code}).status_code == REFUSED
    assert not is_in(second, gita)


def test_a_step_that_was_ended_is_not_taken_again(gita: Colleague, phone: Phone) -> None:
    browser = begin(gita)
    with browser.session_transaction() as session:
        step = session["step"]
    browser.post(ASK, data={"code": phone.code()})
    thief = Visitor(gita.firm.app)
    with thief.session_transaction() as session:
        session["step"] = step

    answer = thief.post(ASK, data={"code": phone.code()})

    assert answer.location.startswith("/login")
    assert not is_in(thief, gita)


def test_who_waits_too_long_begins_again(gita: Colleague, phone: Phone) -> None:
    browser = begin(gita)
    clock.travel_with(lambda: timedelta(minutes=16))

    assert browser.get(ASK).location == "/login"
    assert browser.post(ASK, data={"code": phone.code()}).location == "/login"


def test_a_new_password_ends_what_waits_for_its_second_factor(gita: Colleague, phone: Phone) -> None:
    thief = begin(gita)
    owner = begin(gita)
    owner.post(ASK, data={"code": phone.code()})
    owner.post("/profile/password", data={"present": PASSWORD, "password": "seven quiet lighthouses"})

    answer = thief.post(ASK, data={"code": phone.code()})

    assert answer.location == "/login"
    assert is_in(owner, gita)


def test_guessing_at_codes_is_slowed_down_and_a_right_password_ends_no_count(
    gita: Colleague, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "FREE_OF_CODES", 2)

    answers = [begin(gita).post(ASK, data={"code": f"00000{number}"}).status_code for number in range(4)]
    right = begin(gita).post(ASK, data={"code": phone.code()})

    assert answers == [REFUSED, REFUSED, REFUSED, HTTPStatus.TOO_MANY_REQUESTS]
    assert right.status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_the_lost_phone_a_recovery_code_opens_once_and_its_owner_is_told(gita: Colleague, phone: Phone) -> None:
    paper = phone.recovery_codes[3].lower().replace("-", " ")
    first, second = begin(gita), begin(gita)

    first.post(ASK, data={"code": paper})
    again = second.post(ASK, data={"code": paper})

    assert is_in(first, gita)
    assert again.status_code == REFUSED
    assert "9 recovery codes of 10 are left" in first.get("/profile/second-factor").text
    assert mails_to(gita).count("The second factor of your account") == 2


def test_the_codes_of_somebody_else_open_nothing(acme: Firm, gita: Colleague, phone: Phone) -> None:
    other = colleague(acme, name="Otto Ohm")
    theirs = add_app(other.client())
    browser = begin(gita)

    assert browser.post(ASK, data={"code": theirs.code()}).status_code == REFUSED
    assert browser.post(ASK, data={"code": theirs.recovery_codes[0]}).status_code == REFUSED
    forget_factors(acme.app, other.identity_id)


def test_with_the_first_factor_whoever_the_password_let_in_is_out(gita: Colleague) -> None:
    thief, _ = log_in(gita.firm.app, gita.email, PASSWORD)
    assert is_in(thief, gita)
    owner = gita.client()

    add_app(owner)

    assert is_in(owner, gita)
    assert not is_in(thief, gita)


def test_what_the_database_holds_makes_no_codes(gita: Colleague, phone: Phone) -> None:
    from tenants.db import platform_reading
    from tenants.second_factors.models import Authenticator, RecoveryCode

    with gita.firm.app.app_context(), platform_reading() as session:
        kept = session.scalars(select(Authenticator.secret)).all()
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()

    assert not any(phone.secret in secret for secret in kept)
    assert not any(code.replace("-", "").encode() in kept for code in phone.recovery_codes for kept in hashes)
