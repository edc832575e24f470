from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import pytest
from flask import Flask

BODY = """Good day,

your link: http://127.0.0.1:8000/signup/confirm/abc_-123
and not http://evil.example/x, not http://127.0.0.1:8000.evil.example/ either.

<script>alert(1)</script>"""


def _post(app: Flask, subject: str = "Please confirm") -> UUID:
    from sqlalchemy import select

    from tenants import mail
    from tenants.db import platform_work
    from tenants.models import Mail

    with app.app_context(), platform_work() as session:
        mail.post(session, to="nele@newcomer.example", subject=subject, body=BODY)
        session.flush()
        return session.scalars(select(Mail.id).where(Mail.subject == subject)).one()


def test_an_empty_mailbox_says_when_something_will_arrive(app: Flask) -> None:
    assert "No mails yet" in app.test_client().get("/mailbox").text


def test_the_newest_mail_is_on_top(app: Flask) -> None:
    _post(app, "First")
    newest = _post(app, "Second")

    page = app.test_client().get("/mailbox").text

    assert page.index("Second") < page.index("First")
    assert f'href="/mailbox/{newest}"' in page
    assert "nele@newcomer.example" in page


def test_only_our_own_links_can_be_followed(app: Flask) -> None:
    page = app.test_client().get(f"/mailbox/{_post(app)}").text

    assert '<a href="http://127.0.0.1:8000/signup/confirm/abc_-123">' in page
    assert 'href="http://evil' not in page
    assert 'href="http://127.0.0.1:8000.evil' not in page
    assert "<script>alert" not in page


def test_a_mail_that_does_not_exist_is_not_found(app: Flask) -> None:
    unknown = app.test_client().get("/mailbox/00000000-0000-7000-8000-000000000000")

    assert unknown.status_code == HTTPStatus.NOT_FOUND


def test_where_mails_leave_there_is_no_mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from app.mailbox import views
    from config.settings import settings

    monkeypatch.setattr(views, "settings", lambda: replace(settings(), embedded=False))
    elsewhere = Flask("elsewhere")

    elsewhere.register_blueprint(views.door)

    assert [rule.rule for rule in elsewhere.url_map.iter_rules() if "mailbox" in rule.rule] == []
