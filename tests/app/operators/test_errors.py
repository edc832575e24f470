"""Requests that end with 500 and jobs that fail are seen firm by firm, without anything that people entered."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.app.operators.conftest import console
from tests.app.operators.test_console import fail_a_job, gather
from tests.firms import Firm, Visitor, counted_statements


@pytest.fixture
def broken(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> Firm:
    """A firm in which no company can be made."""
    from app.companies import views

    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("Geheimrat")

    monkeypatch.setitem(views.EDITOR.__dict__, "add", fail)
    monkeypatch.setattr(acme.app, "testing", False)
    return acme


def crash(firm: Firm, *, times: int = 1) -> None:
    for _ in range(times):
        answer = firm.client().post(f"{firm.url}/companies/new", data={"name": "Geheimrat GmbH"})
        assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR


def test_failed_requests_are_counted_by_firm_kind_and_route(broken: Firm, globex: Firm, olga: Visitor) -> None:
    crash(broken, times=3)

    page, firm, other = (olga.get(path).text for path in ("/operator/errors", console(broken), console(globex)))

    for text in (page, firm):
        assert "ZeroDivisionError" in text
        assert "POST /&lt;slug:slug&gt;/companies/new" in text
        assert "3 times" in text
        assert "Geheimrat" not in text
    assert "Acme" in page
    assert "ZeroDivisionError" not in other


def test_a_firm_whose_pages_fail_is_in_trouble_for_a_day(broken: Firm, olga: Visitor) -> None:
    from datetime import timedelta

    from tenants import clock

    crash(broken)
    gather(broken)
    today = olga.get("/operator?q=acme").text
    clock.travel_with(lambda: timedelta(hours=25))
    try:
        gather(broken)
    finally:
        clock.travel_with(timedelta)
    tomorrow = olga.get("/operator?q=acme").text

    assert "Pages fail" in today
    assert "Pages fail" not in tomorrow


def test_the_last_failed_job_of_each_firm_is_told(acme: Firm, olga: Visitor) -> None:
    fail_a_job(acme, error="ValueError: Geheimrat")
    gather(acme)

    page = olga.get("/operator/errors").text

    assert "app.imports.jobs.run" in page
    assert "Acme" in page
    assert "Geheimrat" not in page


def test_a_link_that_the_mail_server_refused_is_told_without_the_link(app: Flask, olga: Visitor) -> None:
    from tenants import mail
    from tenants.db import platform_work
    from tenants.models import Mail

    with app.app_context(), platform_work() as session:
        mail.post(session, to="gone@hafen.example", subject="A new password", body="http://here/reset/secret-link")
        session.flush()
        session.scalars(select(Mail)).one().die("550 no such user")

    page = olga.get("/operator/errors").text

    assert "gone@hafen.example" in page
    assert "550 no such user" in page
    assert "secret-link" not in page


def failed_mail(firm: Firm, *, to: str, of_firm: bool = False) -> UUID:
    from tenants import mail
    from tenants.db import platform_work
    from tenants.models import Mail

    about = mail.About(tenant_id=firm.scope.tenant_id if of_firm else None)
    with firm.app.app_context(), platform_work() as session:
        mail.post(session, to=to, subject="A new password", body="http://here/reset/secret-link", about=about)
        session.flush()
        row = session.scalars(select(Mail).where(Mail.recipient == to)).one()
        row.die("SMTPRecipientsRefused: 550 no such user")
        return row.id


def states(firm: Firm) -> dict[str, str]:
    """Who is to get a mail, and what has become of it."""
    from tenants.db import platform_reading
    from tenants.models import Mail

    with firm.app.app_context(), platform_reading() as session:
        return {row.recipient: row.state.value for row in session.execute(select(Mail.recipient, Mail.state))}


def test_an_operator_sends_a_failed_mail_once_more_or_discards_it_and_it_is_written_down(
    acme: Firm, olga: Visitor
) -> None:
    link, sign_up = failed_mail(acme, to="gone@hafen.example"), failed_mail(acme, to="new@hafen.example")
    invitation = failed_mail(acme, to="guest@hafen.example", of_firm=True)

    page = olga.get("/operator/errors").text
    answers = [
        olga.post(f"/operator/mails/{link}/send"),
        olga.post(f"/operator/mails/{sign_up}/discard"),
        olga.post(f"/operator/mails/{invitation}/send"),
    ]

    assert all(f"/operator/mails/{one}/{deed}" in page for one in (link, sign_up) for deed in ("send", "discard"))
    assert "The mail server takes no mail for this address." in page
    assert "<code>SMTPRecipientsRefused: 550 no such user</code>" in page
    assert [answer.status_code for answer in answers] == [HTTPStatus.SEE_OTHER] * 3
    assert {answer.location for answer in answers} == {"/operator/errors"}
    assert states(acme) == {"gone@hafen.example": "pending", "guest@hafen.example": "pending"}
    audit, told = olga.get("/operator/audit").text, acme.client().get("/acme/operator").text
    assert "Tried again what was given up" in audit
    assert "Discarded what was given up" in audit
    assert "A new password: gone@hafen.example" in audit
    assert "guest@hafen.example" in told
    assert "gone@hafen.example" not in told


@pytest.mark.parametrize("deed", ["send", "discard"])
def test_a_mail_that_did_not_fail_is_left_alone_and_nothing_is_written_down(
    acme: Firm, olga: Visitor, deed: str
) -> None:
    mail_id = failed_mail(acme, to="gone@hafen.example")
    olga.post(f"/operator/mails/{mail_id}/send")
    before = olga.get("/operator/audit").text

    answer = olga.post(f"/operator/mails/{mail_id}/{deed}")

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert states(acme) == {"gone@hafen.example": "pending"}
    assert olga.get("/operator/audit").text.count("given up") == before.count("given up")


def test_the_page_asks_as_much_for_many_firms_as_for_none(broken: Firm, olga: Visitor) -> None:
    with counted_statements(broken.app) as none:
        olga.get("/operator/errors")
    crash(broken)
    fail_a_job(broken, error="ValueError: no")
    gather(broken)

    with counted_statements(broken.app) as some:
        olga.get("/operator/errors")

    assert len(some) == len(none) == 4


def test_a_request_that_cannot_be_counted_fails_as_it_would_have(broken: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    from tenants import request_errors

    def away() -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(request_errors, "platform_work", away)

    answer = broken.client().post(f"{broken.url}/companies/new", data={"name": "Halb"})

    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "Nothing was saved" in answer.text


def test_what_failed_more_than_a_month_ago_is_forgotten(acme: Firm) -> None:
    from datetime import timedelta

    from tenants import clock, request_errors

    with acme.app.app_context():
        request_errors.count(acme.scope.tenant_id, kind="KeyError", route="GET /")
        kept = request_errors.forget_old()
        clock.travel_with(lambda: timedelta(days=31))
        try:
            gone = request_errors.forget_old()
        finally:
            clock.travel_with(timedelta)

    assert (kept, gone) == (0, 1)


def test_a_schema_that_cannot_be_read_is_told_and_keeps_its_figures(acme: Firm, olga: Visitor) -> None:
    from tenants import engines

    gather(acme)
    schema = acme.scope.pg_schema
    with engines.provisioner() as connection:
        connection.execute(f"ALTER TABLE {schema}.leftovers RENAME TO elsewhere".encode())
        try:
            gather(acme)
        finally:
            connection.execute(f"ALTER TABLE {schema}.elsewhere RENAME TO leftovers".encode())
    broken = olga.get("/operator?q=acme").text
    gather(acme)

    assert "Cannot be read" in broken
    assert "Cannot be read" not in olga.get("/operator?q=acme").text
