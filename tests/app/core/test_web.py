"""The edge: what every answer carries, what is written into the log, and how refusals look."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
import structlog
from flask.testing import FlaskClient

from tests.firms import Firm, visitor_with_role
from tests.records import add_contact


def test_every_answer_forbids_foreign_scripts_frames_and_guesses(acme: Firm) -> None:
    for path in (f"{acme.url}/contacts", "/login", "/healthz", "/nowhere/at-all"):
        headers = acme.client().get(path).headers

        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(acme: Firm) -> None:
    client = FlaskClient(acme.app)

    cookie = client.post("/preferences", data={"locale": "de"}).headers.get("Set-Cookie") or client.get(
        "/login?lang=de"
    ).headers.get("Set-Cookie", "")

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_a_form_of_another_site_is_refused_and_changes_nothing(acme: Firm) -> None:
    contact_id = add_contact(acme)
    browser = acme.client()

    answer = FlaskClient.open(browser, f"{acme.url}/contacts/{contact_id}/delete", method="POST")

    assert answer.status_code == 400
    assert "This page was open for too long." in answer.text
    assert browser.get(f"{acme.url}/contacts/{contact_id}").status_code == 200


def test_the_log_names_request_tenant_and_actor_and_nobody_in_person(
    acme: Firm, capsys: pytest.CaptureFixture[str]
) -> None:
    contact_id = add_contact(acme, email="ada@hafen.example")
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        acme.client().get(f"{acme.url}/contacts/{contact_id}?q=secret")
        acme.client().get("/password/new/a-secret-token")

    first, second = [line for line in lines if line["event"] == "request"]
    assert first["tenant"] == str(acme.scope.tenant_id)
    assert first["actor"] == str(acme.owner_id)
    assert first["route"] == "/<slug:slug>/contacts/<uuid:record_id>"
    assert len(first["request"]) == 16
    assert "tenant" not in second
    told = json.dumps(lines)
    assert not [word for word in ("secret", "Müller", "ada@", "acme.example") if word in told]


def test_the_journal_names_the_request_that_the_log_names(acme: Firm) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        acme.client().post(f"{acme.url}/companies/new", data={"name": "Hafen KG"})

    from sqlalchemy import select

    from tenants.changes import Change

    with acme.work() as session:
        recorded = session.scalars(select(Change.request).where(Change.table_name == "companies")).one()
    assert [line["request"] for line in lines if line["event"] == "request"] == [recorded]


@pytest.mark.parametrize(
    "path", ["contacts/not-an-id", f"contacts/{UUID(int=0)}", "nothing-here", "contacts/" + "x" * 3000]
)
def test_what_is_not_there_is_said_kindly_inside_the_house(acme: Firm, path: str) -> None:
    page = acme.client().get(f"{acme.url}/{path}")

    assert page.status_code == 404
    assert "There is nothing here." in page.text
    assert "Traceback" not in page.text


def test_an_account_that_does_not_exist_looks_like_one_that_is_foreign(acme: Firm, globex: Firm) -> None:
    browser = acme.client()

    nobody, foreign = browser.get("/no-such-firm/contacts"), browser.get(f"{globex.url}/contacts")

    assert (nobody.status_code, foreign.status_code) == (404, 404)
    assert len(nobody.text) == len(foreign.text)


def test_a_crash_shows_no_details_and_keeps_nothing(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.companies import actions

    def add_and_break(*arguments: object) -> None:
        add_company(*arguments)
        raise ZeroDivisionError("secret details")

    add_company = actions.add_company
    from app.companies import views

    monkeypatch.setitem(views.EDITOR.__dict__, "add", add_and_break)
    acme.app.testing = False
    try:
        page = acme.client().post(f"{acme.url}/companies/new", data={"name": "Halb GmbH"})
    finally:
        acme.app.testing = True

    assert page.status_code == 500
    assert "Nothing was saved" in page.text
    assert "secret details" not in page.text
    assert "Halb GmbH" not in acme.client().get(f"{acme.url}/companies").text


def test_a_suspended_firm_is_told_so(acme: Firm) -> None:
    from tenants.db import platform_work
    from tenants.models import Tenant, TenantStatus

    def become(status: TenantStatus) -> None:
        with acme.app.app_context(), platform_work() as session:
            session.get_one(Tenant, acme.scope.tenant_id).status = status

    become(TenantStatus.SUSPENDED)
    try:
        with visitor_with_role(acme, "member") as visitor:
            page = visitor.get(f"{acme.url}/contacts")
    finally:
        become(TenantStatus.OPEN)

    assert page.status_code == 403
    assert "This account is suspended." in page.text


def test_what_is_too_large_is_refused_in_a_sentence(acme: Firm) -> None:
    page = acme.client().post(f"{acme.url}/companies/new", data=b"x" * (26 << 20), content_type="text/csv")

    assert page.status_code in (413, 422)
    assert "Traceback" not in page.text


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", "x" * 100_000, "\u202e\u0000", "'; DROP TABLE companies --"])
def test_hostile_text_is_stored_harmlessly_or_refused_in_a_sentence(acme: Firm, name: str) -> None:
    answer = acme.client().post(
        f"{acme.url}/companies/new", data={"name": name.encode("utf-8", "surrogatepass")}, follow_redirects=True
    )

    assert answer.status_code in (200, 422)
    assert acme.client().get(f"{acme.url}/companies").status_code == 200
