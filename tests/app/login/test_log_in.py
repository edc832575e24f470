from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.firms import PASSWORD, Firm, Visitor

OWNER = "owner@acme.example"


def log_in(browser: Visitor, *, email: str = OWNER, password: str = PASSWORD, to: str = "/login") -> TestResponse:
    return browser.post(to, data={"email": email, "password": password})


def test_whoever_has_one_firm_arrives_in_it(acme: Firm, browser: Visitor) -> None:
    answer = browser.post("/login", data={"email": OWNER, "password": PASSWORD}, follow_redirects=True)

    assert answer.status_code == HTTPStatus.OK
    assert answer.request.path == "/acme/"


def test_the_address_may_be_typed_in_any_case_and_with_blanks(acme: Firm, browser: Visitor) -> None:
    answer = log_in(browser, email=" Owner@Acme.Example ")

    assert answer.status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize(
    ("email", "password"),
    [(OWNER, "wrong password"), ("nobody@acme.example", PASSWORD), ("", ""), ("x", "\x00")],
)
def test_what_does_not_fit_is_refused_in_one_way(acme: Firm, browser: Visitor, email: str, password: str) -> None:
    answer = log_in(browser, email=email, password=password)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "E-mail and password do not match." in answer.text
    assert f'value="{email}"' in answer.text
    assert password not in answer.text or not password.strip("\x00")
    assert browser.get("/acme/").status_code == HTTPStatus.SEE_OTHER


def test_a_page_that_asks_for_the_log_in_is_reached_after_it(acme: Firm, browser: Visitor) -> None:
    asked = browser.get("/acme/contacts?q=m%C3%BCller")
    answer = log_in(browser, to=asked.location)

    assert asked.location.startswith("/login?next=")
    assert answer.location == "/acme/contacts?q=m%C3%BCller"


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "\x00//evil.example",
        " //evil.example",
        "evil.example",
        "//[evil",
        "",
    ],
)
def test_nobody_is_led_elsewhere(acme: Firm, browser: Visitor, evil: str) -> None:
    answer = browser.post("/login", query_string={"next": evil}, data={"email": OWNER, "password": PASSWORD})
    preferred = browser.post("/preferences", data={"theme": "dark", "next": evil})

    assert answer.location == "/firms"
    assert preferred.location == "/"


def test_a_log_in_begins_a_new_session_and_ends_the_one_before(acme: Firm, browser: Visitor) -> None:
    log_in(browser)
    with browser.session_transaction() as session:
        session["planted"] = "by somebody else"
        first = session["_user_id"]

    log_in(browser)

    with browser.session_transaction() as session:
        assert session["_user_id"] != first
        assert "planted" not in session
    assert _page_with(acme.app, first).status_code == HTTPStatus.SEE_OTHER


def test_a_copy_of_the_cookie_is_worth_nothing_after_the_log_out(acme: Firm, browser: Visitor) -> None:
    log_in(browser)
    with browser.session_transaction() as session:
        token = session["_user_id"]
    before = _page_with(acme.app, token)

    answer = browser.post("/logout")

    assert before.status_code == HTTPStatus.OK
    assert answer.location == "/login"
    assert _page_with(acme.app, token).status_code == HTTPStatus.SEE_OTHER


def _page_with(app: Flask, token: str) -> TestResponse:
    thief = Visitor(app)
    with thief.session_transaction() as session:
        session["_user_id"] = token
    return thief.get("/acme/")


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(acme: Firm, browser: Visitor) -> None:
    (cookie,) = [one for one in log_in(browser).headers.getlist("Set-Cookie") if one.startswith("kontor=")]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/;" in f"{cookie};"


def test_a_form_of_another_site_is_refused(acme: Firm) -> None:
    forged = FlaskClient(acme.app).post("/login", data={"email": OWNER, "password": PASSWORD})

    assert forged.status_code == HTTPStatus.BAD_REQUEST
    assert "This page was open for too long." in forged.text


def test_the_bare_address_leads_to_the_log_in_or_to_the_firms(acme: Firm, browser: Visitor) -> None:
    stranger, owner = browser.get("/"), acme.client().get("/")

    assert (stranger.location, owner.location) == ("/login", "/firms")


def test_somebody_of_several_firms_chooses(acme: Firm, globex: Firm) -> None:
    _let_in(acme, globex)
    client = globex.client()

    page = client.get("/firms")

    assert page.status_code == HTTPStatus.OK
    assert 'href="/acme/"' in page.text
    assert 'href="/globex/"' in page.text
    _send_away(acme, globex)


def test_somebody_without_a_firm_is_told_what_to_do(app: Flask, browser: Visitor) -> None:
    _know(app, "alone@nowhere.example")
    log_in(browser, email="alone@nowhere.example")

    page = browser.get("/firms")

    assert page.status_code == HTTPStatus.OK
    assert "You do not belong to any firm" in page.text


def test_log_ins_that_succeed_are_not_counted(acme: Firm, browser: Visitor) -> None:
    answers = [log_in(browser).status_code for _ in range(22)]

    assert set(answers) == {HTTPStatus.SEE_OTHER}


def _let_in(acme: Firm, globex: Firm) -> None:
    from tenants import identities
    from tenants.db import platform_work
    from tenants.models import Role

    with acme.app.app_context(), platform_work() as session:
        identities.join(session, tenant_id=acme.scope.tenant_id, identity_id=globex.identity_id, role=Role.MEMBER)


def _send_away(acme: Firm, globex: Firm) -> None:
    from sqlalchemy import delete

    from tenants.db import platform_work
    from tenants.models import Membership

    with acme.app.app_context(), platform_work() as session:
        session.execute(delete(Membership).filter_by(tenant_id=acme.scope.tenant_id, identity_id=globex.identity_id))


def _know(app: Flask, email: str) -> None:
    from tenants import identities
    from tenants.db import platform_work

    with app.app_context(), platform_work() as session:
        identities.find_or_add(
            session, email=email, name="Alone", password_hash=identities.hash_password(PASSWORD), locale="en"
        )
