"""An authenticator app, as it lies on somebody's phone."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask

from tests.firms import Visitor


@dataclass
class Phone:
    secret: bytes
    recovery_codes: list[str]
    taken: int = 0
    """The step of the last code that it has shown to somebody."""

    def code(self) -> str:
        """Another one than the last; the next comes a little early, as a fast clock shows it."""
        from tenants import clock
        from tenants.second_factors import codes

        self.taken = max(codes.step_at(clock.now()) - 1, self.taken + 1)
        return codes.code(self.secret, self.taken)


def secret_on(page: str) -> bytes:
    found = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page)
    assert found, page
    return base64.b32decode(found[1].replace(" ", ""))


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li><code>([A-Z2-7-]{19})</code></li>", page)


def add_app(browser: Visitor, *, path: str = "/profile/second-factor/app") -> Phone:
    """Scanned, and the first code typed; the recovery codes of a first one are written down."""
    phone = Phone(secret_on(browser.get(path).text), [])
    answer = browser.post(path, data={"code": phone.code()})
    assert answer.location, answer.text
    phone.recovery_codes = codes_on(browser.get(answer.location).text)
    return phone


def log_in(app: Flask, email: str, password: str, browser: Visitor | None = None, **given: Any) -> tuple[Visitor, str]:
    """(the browser, where it was sent)"""
    browser = browser or Visitor(app)
    return browser, browser.post("/login", data={"email": email, "password": password}, **given).location or ""


def forget_factors(app: Flask, identity_id: UUID) -> None:
    """As if there had never been any."""
    from tenants.db import platform_work
    from tenants.second_factors import factors
    from tenants.second_factors.models import Account

    with app.app_context(), platform_work() as session:
        factors.forget_all(session, Account(identity_id=identity_id))
