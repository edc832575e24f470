"""Who may see the console."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask

from tests.app.operators.conftest import EMAIL, PASSWORD, console
from tests.firms import Firm, Visitor


def test_an_operator_logs_in_and_out(acme: Firm, olga: Visitor) -> None:
    assert olga.get("/operator").status_code == HTTPStatus.OK

    answer = olga.post("/operator/logout")

    assert answer.location == "/operator/login"
    assert olga.get("/operator").status_code == HTTPStatus.SEE_OTHER


def test_a_copy_of_the_cookie_opens_nothing_after_logging_out(acme: Firm, olga: Visitor) -> None:
    kept = olga.get_cookie("operator", path="/operator")
    assert kept is not None
    thief = Visitor(acme.app)
    thief.set_cookie("operator", kept.value, path="/operator")
    assert thief.get("/operator").status_code == HTTPStatus.OK

    olga.post("/operator/logout")

    assert thief.get("/operator").status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize(
    ("email", "password"), [(EMAIL, "wrong password"), ("nobody@kontor.example", PASSWORD), ("", ""), ("x", "\x00")]
)
def test_what_does_not_fit_is_refused_in_one_way(app: Flask, olga: Visitor, email: str, password: str) -> None:
    browser = Visitor(app)

    answer = browser.post("/operator/login", data={"email": email, "password": password})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "E-mail and password do not match." in answer.text
    assert "operator=" not in answer.headers.get("Set-Cookie", "")


def test_the_cookie_is_for_the_console_alone(olga: Visitor, app: Flask) -> None:
    answer = Visitor(app).post("/operator/login", data={"email": EMAIL, "password": PASSWORD})

    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("operator=")]
    assert {"HttpOnly", "Path=/operator", "SameSite=Strict", "Max-Age=43200"} <= set(cookie.split("; "))


def test_an_operator_is_nobody_in_a_firm_and_an_owner_nobody_at_the_console(acme: Firm, olga: Visitor) -> None:
    assert olga.get("/acme/").location.startswith("/login?")
    assert acme.client().get("/operator").location.startswith("/operator/login?")


def test_an_owner_cannot_pass_the_token_of_a_firm_off_as_an_operators(acme: Firm) -> None:
    browser = Visitor(acme.app)
    browser.set_cookie("operator", acme.token, path="/operator")

    assert browser.get("/operator").status_code == HTTPStatus.SEE_OTHER


def test_an_operator_who_has_left_is_let_in_no_more(acme: Firm, olga: Visitor) -> None:
    from tenants.db import platform_work
    from tenants.operators import Operator

    with acme.app.app_context(), platform_work() as session:
        session.query(Operator).one().active = False

    assert olga.get("/operator").status_code == HTTPStatus.SEE_OTHER
    again = Visitor(acme.app).post("/operator/login", data={"email": EMAIL, "password": PASSWORD})
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_page_that_asks_for_the_log_in_is_reached_after_it(acme: Firm, olga: Visitor) -> None:
    browser = Visitor(acme.app)

    asked = browser.get(console(acme))
    answer = browser.post(asked.location, data={"email": EMAIL, "password": PASSWORD})

    assert answer.location == console(acme)


@pytest.mark.parametrize(
    "evil", ["//evil.example", "/operator/../acme/", "/operatorx", "https://evil.example", "/acme/"]
)
def test_the_log_in_leads_nowhere_but_into_the_console(olga: Visitor, app: Flask, evil: str) -> None:
    answer = Visitor(app).post(
        "/operator/login", query_string={"next": evil}, data={"email": EMAIL, "password": PASSWORD}
    )

    assert answer.location == "/operator"


def test_who_tries_passwords_is_stopped(app: Flask, olga: Visitor) -> None:
    tries = [
        Visitor(app).post("/operator/login", data={"email": EMAIL, "password": f"guess number {number}"}).status_code
        for number in range(7)
    ]

    assert tries[:6] == [HTTPStatus.UNPROCESSABLE_ENTITY] * 6
    assert tries[6] == HTTPStatus.TOO_MANY_REQUESTS


def test_guesses_at_the_doors_of_firms_count_at_the_door_of_operators_too(app: Flask, olga: Visitor) -> None:
    from tenants.guessing import FREE_FROM_ONE_PLACE

    for number in range(FREE_FROM_ONE_PLACE + 1):
        Visitor(app).post("/login", data={"email": EMAIL, "password": f"guess number {number}"})

    answer = Visitor(app).post("/operator/login", data={"email": EMAIL, "password": PASSWORD})

    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "operator=" not in answer.headers.get("Set-Cookie", "")
