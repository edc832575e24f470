from __future__ import annotations

from flask import Flask
from openapi_spec_validator import validate

from tests.firms import Visitor


def test_the_description_is_openapi(app: Flask) -> None:
    validate(Visitor(app).get("/api/v1/openapi.json").json)
