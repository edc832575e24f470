"""A person who signs up a firm, as tests tell it."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.firms import Visitor

PASSWORD = "the ferry leaves at nine"
_numbers = count(1)


class Newcomer:
    def __init__(self, app: Flask) -> None:
        number = next(_numbers)
        self.app = app
        self.browser = Visitor(app)
        self.slug = f"newcomer-{number}"
        self.email = f"nele{number}@newcomer.example"
        self.entered = {
            "firm": f"Newcomer {number}",
            "name": "Nele Neumann",
            "email": self.email,
            "locale": "en",
        }

    def signs_up(self, **other: str) -> TestResponse:
        return self.browser.post("/signup", data={**self.entered, **other})

    def confirms(self, *, password: str = PASSWORD, follow: bool = False) -> TestResponse:
        return self.browser.post(self.link(), data={"password": password}, follow_redirects=follow)

    def link(self) -> str:
        found = re.search(r"http://[^/]+(/signup/confirm/\S+)", self.mails()[-1])
        assert found is not None
        return found[1]

    def mails(self) -> list[str]:
        from tenants.db import platform_reading
        from tenants.models import Mail

        query = select(Mail.body).where(Mail.recipient == self.email).order_by(Mail.created_at)
        with self.app.app_context(), platform_reading() as session:
            return list(session.scalars(query))

    def signup_id(self) -> UUID:
        from tenants.db import platform_reading
        from tenants.signups import Signup

        newest = select(Signup.id).where(Signup.email == self.email).order_by(Signup.created_at.desc()).limit(1)
        with self.app.app_context(), platform_reading() as session:
            return session.scalars(newest).one()

    def waits(self, offset: timedelta) -> None:
        from tenants import clock

        clock.travel_with(lambda: offset)
