"""An invitation, as tests tell it: the link that came by mail, and the browser in which it is opened."""

from __future__ import annotations

import re
from itertools import count

from flask import Flask
from sqlalchemy import select

from tests.firms import Firm, Visitor

PASSWORD = "the ferry leaves at nine"
_numbers = count(1)


class Guest:
    def __init__(self, firm: Firm, *, email: str = "", role: str = "member", by: Visitor | None = None) -> None:
        self.firm = firm
        self.browser = Visitor(firm.app)
        self.name = "Gesa Gast"
        self.email = email or f"gesa{next(_numbers)}@elsewhere.example"
        self.entered = {"name": self.name, "email": self.email, "role": role}
        self.answer = (by or firm.client()).post(f"{firm.url}/users/invite", data=self.entered)

    def link(self) -> str:
        found = re.search(r"http://[^/]+(/invitation/\S+)", mails(self.firm.app, self.email)[-1])
        assert found is not None
        return found[1]

    def accepts(self, link: str = "", *, password: str = PASSWORD) -> str:
        """Where it leads."""
        answer = self.browser.post(link or self.link(), data={"name": self.name, "password": password})
        return answer.location or ""


def mails(app: Flask, to: str) -> list[str]:
    from tenants.db import platform_reading
    from tenants.models import Mail

    query = select(Mail.body).where(Mail.recipient == to).order_by(Mail.created_at, Mail.id)
    with app.app_context(), platform_reading() as session:
        return list(session.scalars(query))
