"""Every address says who may enter, and whatever leads there asks the same."""

from __future__ import annotations

import ast

import pytest
from flask import Flask

from app.core.access import IDENTITY, OPERATOR, PUBLIC
from app.core.entities import entity_types
from app.features import ALL
from tests.house.routes import Route, rooms, routes_of
from tests.house.sources import called, product_files, tree

DESCRIBED = {permission for feature in ALL for permission in feature.permissions}


@pytest.fixture(scope="module")
def routes(house: Flask) -> list[Route]:
    return routes_of(house)


def test_the_cases_made_before_anything_runs_are_all_pages_of_a_firm(routes: list[Route]) -> None:
    assert [route for route in routes if route.in_tenant] == rooms()


def test_a_page_belongs_to_a_firm_exactly_when_its_address_names_one(routes: list[Route]) -> None:
    assert [str(route) for route in routes if route.in_tenant != route.rule.startswith("/<slug:slug>/")] == []


def test_every_page_of_a_firm_asks_for_a_described_permission() -> None:
    assert [str(route) for route in rooms() if route.allow not in DESCRIBED] == []


def test_every_door_says_whether_one_must_be_logged_in(routes: list[Route]) -> None:
    doors = [route for route in routes if not route.in_tenant]

    assert [str(route) for route in doors if route.allow not in (PUBLIC, IDENTITY, OPERATOR)] == []


def test_to_read_is_permission_to_look_and_nothing_else() -> None:
    def only_looks(route: Route) -> bool:
        return (route.allow or "").endswith(".read")

    assert [str(route) for route in rooms() if route.method != "GET" and only_looks(route)] == []


def test_what_a_menu_offers_asks_for_what_its_page_asks_for() -> None:
    allows = {route.endpoint: route.allow for route in rooms()}
    offered = [
        item
        for feature in ALL
        for item in (*feature.menu, *feature.account, *feature.quick, *feature.first_steps, *feature.list_actions)
    ]

    assert [item for item in offered if allows[item.endpoint] != item.permission] == []


def test_every_described_permission_opens_something(house: Flask) -> None:
    assert {route.allow for route in rooms()} | asked() >= DESCRIBED


def test_nothing_asks_for_a_permission_that_nobody_can_have(house: Flask) -> None:
    assert asked() <= DESCRIBED


def asked() -> set[str]:
    """What descriptions ask for, and what the product asks for by itself."""
    described = {panel.permission for feature in ALL for panel in feature.panels}
    described |= {feature.capture.permission for feature in ALL if feature.capture}
    described |= {entity.may(verb) for entity in entity_types for verb in ("read", "write", "delete", "export")}
    return described | {
        argument.value
        for path in product_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and called(node) in {"access.may", "access.require"}
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
