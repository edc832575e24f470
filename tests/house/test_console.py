"""Every address of the console, from the URL map: who is no operator is asked to log in as one."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.core.access import OPERATOR, PUBLIC, in_suspension
from tests.firms import Firm, Visitor
from tests.house.routes import Route, rooms, routes_of


@pytest.fixture(scope="module")
def routes(house: Flask) -> list[Route]:
    return [route for route in routes_of(house) if f"{route.rule}/".startswith("/operator/")]


def address(route: Route, tenant_id: UUID) -> str:
    rule = route.rule.replace("<uuid:tenant_id>", str(tenant_id))
    return re.sub("<uuid:[a-z_]+>", str(uuid4()), rule.replace("<kind>", "job"))


def test_only_the_log_in_of_the_console_is_open_to_all(routes: list[Route]) -> None:
    """And its second step, which leads back to the first whoever has not taken that one."""
    log_in = {"operators.log_in", "operator_factors.ask", "operator_factors.add"}
    assert {route.endpoint for route in routes if route.allow == PUBLIC} == log_in
    assert {route.allow for route in routes} == {PUBLIC, OPERATOR}


def test_what_is_for_operators_stands_in_the_console(house: Flask, routes: list[Route]) -> None:
    assert [route for route in routes_of(house) if route.allow == OPERATOR and route not in routes] == []


def test_strangers_and_owners_are_asked_to_log_in_as_operators(acme: Firm, routes: list[Route]) -> None:
    for route in routes:
        if route.allow == PUBLIC:
            continue
        for browser in (Visitor(acme.app), acme.client()):
            answer = browser.open(address(route, acme.scope.tenant_id), method=route.method, data={"reason": "No."})
            assert answer.status_code == 303, route
            assert answer.location.startswith("/operator/login"), route
    assert acme.client().get("/acme/").status_code == 200


def test_a_cookie_that_was_made_up_opens_nothing(acme: Firm, routes: list[Route]) -> None:
    for route in routes:
        if route.allow == OPERATOR:
            browser = Visitor(acme.app)
            browser.set_cookie("operator", "made-up", path="/operator")
            assert browser.open(address(route, uuid4()), method=route.method).status_code == 303, route


def test_all_that_is_left_to_do_in_a_suspended_firm_is_to_take_things_along(house: Flask) -> None:
    left = {str(route) for route in rooms() if route.method != "GET" and route.allow in in_suspension()}

    assert left == {"POST /exports"}
