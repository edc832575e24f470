"""A tenant is suspended and resumed: nobody works meanwhile, owners look and export lists, nothing is lost."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from sqlalchemy import text

from tests.app.operators.conftest import console
from tests.firms import Firm, Visitor, visitor_with_role
from tests.programs import program
from tests.records import add_contact, run_jobs

REASON = "The last two invoices are not paid."


def suspend(olga: Visitor, firm: Firm, reason: str = REASON) -> int:
    return olga.post(f"{console(firm)}/suspension", data={"reason": reason}).status_code


def resume(olga: Visitor, firm: Firm) -> int:
    return olga.post(f"{console(firm)}/suspension/end", data={"reason": "Paid."}).status_code


@pytest.mark.parametrize("role", ["admin", "member", "reader"])
def test_whoever_works_there_reads_why_and_whom_to_ask(acme: Firm, olga: Visitor, role: str) -> None:
    suspend(olga, acme)

    with visitor_with_role(acme, role) as visitor:
        page = visitor.get("/acme/contacts")

    assert page.status_code == HTTPStatus.FORBIDDEN
    assert REASON in page.text
    assert "mailto:" in page.text


def test_an_owner_looks_at_everything_and_changes_nothing(acme: Firm, olga: Visitor) -> None:
    contact_id = add_contact(acme, family_name="Müller")
    owner = acme.client()
    suspend(olga, acme)

    shown = owner.get(f"/acme/contacts/{contact_id}")
    changed = owner.post("/acme/contacts/new", data={"family_name": "Neu"})

    assert shown.status_code == HTTPStatus.OK
    assert "This account is suspended." in shown.text
    assert REASON in shown.text
    assert "/edit" not in shown.text
    assert changed.status_code == HTTPStatus.FORBIDDEN
    assert REASON in changed.text
    assert "administrator" not in changed.text
    with acme.work() as session:
        assert session.execute(text("SELECT count(*) FROM contacts")).scalar_one() == 1


def test_an_owner_takes_a_list_along_at_once_and_a_long_one_by_a_worker(
    acme: Firm, olga: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.exports import actions

    add_contact(acme, family_name="Müller")
    suspend(olga, acme)

    asked = {"entity": "contact", "query": "", "format": "csv"}
    at_once = acme.client().post("/acme/exports", data=asked, buffered=True)
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    put_off = acme.client().post("/acme/exports", data=asked)
    run_jobs(acme.app)
    by_worker = acme.client().get(f"{put_off.location}/file", buffered=True)

    assert "Müller" in at_once.text
    assert "Müller" in by_worker.text


def test_a_program_is_refused_with_a_problem(acme: Firm, olga: Visitor) -> None:
    shop = program(acme)
    assert shop.get("/acme/api/v1/contacts").status_code == HTTPStatus.OK

    suspend(olga, acme)
    refused = shop.get("/acme/api/v1/contacts")

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.mimetype == "application/problem+json"
    assert refused.json is not None
    assert refused.json["code"] == "tenant_suspended"


def test_who_does_not_belong_there_learns_nothing_of_it(acme: Firm, globex: Firm, olga: Visitor) -> None:
    suspend(olga, acme)

    page = globex.client().get("/acme/contacts")

    assert page.status_code == HTTPStatus.NOT_FOUND
    assert REASON not in page.text


def test_jobs_wait_and_are_done_afterwards(acme: Firm, olga: Visitor) -> None:
    from tenants import clock, jobs, lost_hints
    from tenants.jobs import Job, JobState
    from tests.app.schedule import tasks

    with acme.work():
        jobs.later(tasks.add_company, name="Werft AG")
    suspend(olga, acme)
    run_jobs(acme.app)
    with acme.work() as session:
        waiting = session.query(Job).one()
        assert (waiting.state, waiting.attempts) == (JobState.PENDING, 0)
        waiting.due_at = clock.now() - lost_hints.HINT_TAKES

    resume(olga, acme)
    with acme.app.app_context():
        lost_hints.sweep_all()
    run_jobs(acme.app)

    with acme.work() as session:
        assert session.query(Job).one().state is JobState.DONE


def test_what_was_to_be_forwarded_is_forwarded_afterwards(acme: Firm, olga: Visitor) -> None:
    from tenants import relay, routing, turns
    from tenants.turns import Kind

    add_contact(acme)
    suspend(olga, acme)
    with acme.app.app_context():
        assert relay.tell_waiting() == 0
        turns.take(Kind.CHANGES.value, str(acme.scope.tenant_id))
    with acme.work():
        assert routing.has_more()

    resume(olga, acme)
    with acme.app.app_context():
        told = relay.tell_waiting()
    run_jobs(acme.app)

    assert told >= 1
    with acme.work():
        assert not routing.has_more()


def test_everything_goes_on_where_it_stood(acme: Firm, olga: Visitor) -> None:
    suspend(olga, acme)

    resume(olga, acme)

    assert acme.client().get("/acme/contacts").status_code == HTTPStatus.OK
    with visitor_with_role(acme, "member") as member:
        page = member.get("/acme/contacts")
    assert page.status_code == HTTPStatus.OK
    assert "suspended" not in page.text


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_without_a_reason_nothing_is_done(acme: Firm, olga: Visitor, reason: str) -> None:
    answer = olga.post(f"{console(acme)}/suspension", data={"reason": reason})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please say why" in answer.text
    assert acme.client().get("/acme/contacts").status_code == HTTPStatus.OK


def test_suspended_twice_is_suspended_once_and_the_first_reason_stays(acme: Firm, olga: Visitor) -> None:
    suspend(olga, acme)
    suspend(olga, acme, "Another reason.")

    owner_reads = acme.client().get("/acme/contacts").text
    audit = olga.get("/operator/audit").text

    assert REASON in owner_reads
    assert "Another reason." not in owner_reads
    assert len(re.findall("Suspended the tenant", audit)) == 1


def test_a_listener_is_no_longer_told_anything(acme: Firm, olga: Visitor) -> None:
    from tenants import identities, live

    knock = (identities.digest(acme.token), "acme")
    with acme.app.app_context():
        assert live.welcome([knock])

    suspend(olga, acme)

    with acme.app.app_context():
        assert not live.welcome([knock])
