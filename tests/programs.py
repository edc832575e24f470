"""A program that asks with a token of its own; it has no cookies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants import clock, tokens
from tenants.tokens import EVERYTHING, Wish
from tests.firms import Firm


class Program(FlaskClient):
    token = ""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return super().open(*arguments, headers=headers, **options)


def token_of(firm: Firm, *, scopes: tuple[str, ...] = (EVERYTHING,), user_id: UUID | None = None) -> str:
    with firm.app.app_context():
        wish = Wish(name="Shop", scopes=scopes, expires_at=clock.now() + timedelta(days=30))
        return tokens.make(user_id or firm.owner_id, wish)[1]


def program(firm: Firm, *, scopes: tuple[str, ...] = (EVERYTHING,), user_id: UUID | None = None) -> Program:
    return with_token(firm.app, token_of(firm, scopes=scopes, user_id=user_id))


def with_token(app: Flask, token: str) -> Program:
    found = Program(app, use_cookies=False)
    found.token = token
    return found
