"""What the description promises: whatever it allows is answered as it says."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.firms import Firm, Visitor
from tests.house import samples
from tests.house.routes import Route, rooms
from tests.programs import program

FOR_PROGRAMS = [route for route in rooms() if route.by_token]
PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = settings(max_examples=6, derandomize=True, database=None)


@cache
def described(app: Flask, base: str) -> Any:
    told = Visitor(app).get("/api/v1/openapi.json").json
    schema = schemathesis.openapi.from_dict({**told, "servers": [{"url": base}]})
    schema.app = app
    return schema


def operation(firm: Firm, route: Route) -> Any:
    path = route.rule.removeprefix("/<slug:slug>/api/v1").replace("<uuid:", "{").replace(">", "}")
    return described(firm.app, f"{firm.url}/api/v1")[path][route.method]


def asking(firm: Firm) -> dict[str, str]:
    return {"Authorization": f"Bearer {program(firm).token}", "Accept-Encoding": "identity"}


@pytest.mark.parametrize("route", FOR_PROGRAMS, ids=str)
def test_whatever_the_description_allows_is_answered_as_it_says(acme: Firm, route: Route) -> None:
    record = {name: str(value) for name, value in samples.arguments(route, acme).items()}
    headers = {**asking(acme), "If-Match": "*"}

    @BOUNDED
    @given(case=operation(acme, route).as_strategy(path_parameters=record))
    def promise(case: Any) -> None:
        case.validate_response(case.call(headers=headers), checks=PROMISES)

    promise()
