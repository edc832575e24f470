"""What was given up: seen by who runs the firm and by the operator, tried again or discarded."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from app.escalation.models import SetAside
from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import clock, engines, lanes
from tenants.db import new_id
from tenants.jobs import Job, JobState
from tests.app.escalation.stories import complain
from tests.colleagues import colleague
from tests.firms import Firm, visitor_with_role
from tests.forwarding import forward, told
from tests.tenants import test_jobs

NOTE = "tests.tenants.test_jobs.note"


@pytest.fixture(autouse=True)
def _nothing_waits(acme: Firm) -> None:
    test_jobs.DONE.clear()
    with lanes.connection() as redis:
        redis.flushdb()


def dead_job(firm: Firm, word: str = "again", error: str = "ValueError: no") -> UUID:
    with firm.work() as session:
        row = Job(name=NOTE, arguments={"word": word}, actor=None, state=JobState.FAILED, attempts=5, error=error)
        session.add(row)
        session.flush()
        return row.id


def dead_message(firm: Firm) -> UUID:
    with firm.work() as session:
        row = Delivery(key=str(new_id()), channel=Channel.WEBHOOK, target=str(new_id()), payload={})
        row.state, row.attempts, row.error = DeliveryState.DEAD, 8, "unreachable"
        session.add(row)
        session.flush()
        return row.id


def press(firm: Firm, kind: str, letter_id: UUID, button: str) -> int:
    return firm.client().post(f"{firm.url}/dead-letters/{kind}/{letter_id}/{button}").status_code


def test_who_runs_the_firm_sees_what_was_given_up_and_nobody_else_does(acme: Firm, globex: Firm) -> None:
    dead_job(acme, error="Traceback ...\nValueError: the harbour is closed")
    dead_message(acme)
    dead_job(globex, error="ValueError: somebody else's")

    page = acme.client().get(f"{acme.url}/dead-letters")
    statuses = {}
    for role in ("admin", "member"):
        with visitor_with_role(acme, role) as visitor:
            statuses[role] = visitor.get(f"{acme.url}/dead-letters").status_code

    assert (page.status_code, statuses) == (200, {"admin": 200, "member": 403})
    assert "ValueError: the harbour is closed" in page.text
    assert "Kontor was not prepared for this." in page.text
    assert "Message to a webhook" in page.text
    assert "somebody else" not in page.text
    assert "Traceback" not in page.text


def test_a_failed_job_that_is_tried_again_is_done(acme: Firm) -> None:
    job_id = dead_job(acme)

    status = press(acme, "job", job_id, "retry")
    with acme.app.app_context():
        lanes.worker().work(burst=True, logging_level="CRITICAL")

    assert (status, test_jobs.DONE) == (303, ["again"])
    with acme.work() as session:
        assert session.get_one(Job, job_id).state is JobState.DONE


def test_what_is_discarded_is_gone_and_cannot_be_tried_again(acme: Firm) -> None:
    job_id, message_id = dead_job(acme), dead_message(acme)

    discarded = [press(acme, "job", job_id, "discard"), press(acme, "message", message_id, "discard")]
    again = [press(acme, "job", job_id, "retry"), press(acme, "message", message_id, "retry")]

    assert (discarded, again) == ([303, 303], [404, 404])
    assert "Nothing was given up" in acme.client().get(f"{acme.url}/dead-letters").text


def test_a_message_that_is_tried_again_is_due_at_once(acme: Firm) -> None:
    message_id = dead_message(acme)

    press(acme, "message", message_id, "retry")

    with acme.work() as session:
        row = session.get_one(Delivery, message_id)
        assert (row.state, row.attempts) == (DeliveryState.PENDING, 0)
        assert row.due_at is not None
        assert row.due_at <= clock.now()


def test_a_change_that_was_set_aside_is_told_when_its_rule_works_again(acme: Firm) -> None:
    cora = colleague(acme, name="Cora Chef", role="admin")
    complain(acme)
    with engines.provisioner() as sql:
        schema = acme.scope.pg_schema
        change = sql.execute(f"SELECT id FROM {schema}.change WHERE table_name = 'complaints'").fetchone()[0]
        sql.execute(f"DELETE FROM {schema}.unrouted")
    with acme.work() as session:
        session.add(SetAside(change_id=change, rule="new-complaint", error="ZeroDivisionError: as expected"))
        session.flush()
        letter_id = session.scalars(select(SetAside.id)).one()

    status = press(acme, "change", letter_id, "retry")
    forward(acme.app)

    assert status == 303
    assert [(one.user_id, one.rule) for one in told(acme)] == [(cora.user_id, "new-complaint")]
    with acme.work() as session:
        assert session.scalars(select(SetAside.id)).all() == []


LOCKED = """Traceback (most recent call last):
  File "a.py", line 1, in b
psycopg.errors.LockNotAvailable: canceling statement due to lock timeout

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "c.py", line 2, in d
sqlalchemy.exc.OperationalError: (psycopg.errors.LockNotAvailable) canceling statement due to lock timeout
[SQL: UPDATE contacts SET name = %(name)s]
[parameters: {'name': 'Geheimrat'}]
(Background on this error at: https://sqlalche.me/e/20/e3q8)
"""
SENTENCES = [
    ("job", LOCKED, "Somebody else was changing the same data for too long.", "OperationalError: (psycopg.errors"),
    ("job", "KeyError: 'x'", "Kontor was not prepared for this.", "KeyError: &#39;x&#39;"),
    ("job", "tenants.filestores.FilesSilent", "The place where files are kept did not answer.", "FilesSilent"),
    ("job", "killed", "Every worker that began it ended in the middle of it.", "killed"),
    (
        "change",
        "OperationalError: (psycopg.errors.QueryCanceled) x",
        "Somebody else was changing the same data",
        "Query",
    ),
    ("webhook", "unreachable", "The host cannot be reached.", "unreachable"),
    ("webhook", "answer", "The receiver did not take it.", "answer"),
    ("mail", "SMTPRecipientsRefused: {'x': (550, b'no')}", "The mail server takes no mail for this address.", "550"),
    ("mail", "ConnectionRefusedError: [Errno 111] no", "The mail server cannot be reached.", "[Errno 111] no"),
    ("mail", "SSLCertVerificationError: x", "The certificate of the mail server is not valid.", "SSLCertVer"),
    ("mail", "SMTPAuthenticationError: (535, b'no')", "The mail server does not let Kontor in.", "(535, b"),
    ("mail", "SomethingNew: (999, b'no')", "The mail could not be handed over.", "SomethingNew"),
]


def dead_letter(firm: Firm, kind: str, error: str) -> None:
    if kind == "job":
        dead_job(firm, error=error)
        return
    with firm.work() as session:
        if kind == "change":
            session.add(SetAside(change_id=new_id(), rule="new-complaint", error=error))
            return
        row = Delivery(key=str(new_id()), channel=Channel(kind), target=str(new_id()), payload={})
        row.state, row.attempts, row.error = DeliveryState.DEAD, 8, error
        session.add(row)


@pytest.mark.parametrize(("kind", "error", "sentence", "code"), SENTENCES)
def test_what_went_wrong_is_said_in_a_sentence_with_the_code_for_support_beside_it(
    acme: Firm, kind: str, error: str, sentence: str, code: str
) -> None:
    dead_letter(acme, kind, error)

    page = acme.client().get(f"{acme.url}/dead-letters").text

    assert sentence in page
    (shown,) = re.findall(r"<code[^>]*>(.*?)</code>", page)
    assert code in shown
    assert "Geheimrat" not in page


def test_many_are_seen_page_by_page(acme: Firm) -> None:
    with acme.work() as session:
        session.add_all(
            Job(name=NOTE, arguments={}, actor=None, state=JobState.FAILED, attempts=5, error=f"No. {number}.")
            for number in range(120)
        )

    seen: list[int] = []
    asked, url = {""}, f"{acme.url}/dead-letters"
    for _ in range(3):
        page = acme.client().get(url).text
        seen += [number for number in range(120) if f"No. {number}.<" in page]
        behind = next(iter({*re.findall(r"dead-letters\?before=([0-9a-f-]{36})", page)} - asked), "")
        asked.add(behind)
        url = f"{acme.url}/dead-letters?before={behind}"

    assert sorted(seen) == list(range(120))
