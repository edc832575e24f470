"""Home tells what waits for whoever opens it."""

from __future__ import annotations

from datetime import timedelta

from app.complaints import actions as complaints
from app.complaints.actions import Draft
from app.tasks import actions as tasks
from app.tasks.actions import Plan
from tenants import clock
from tenants.models import Role
from tests.firms import Firm, visitor_with_role
from tests.records import add_contact


def test_my_open_tasks_come_first_and_lead_on(acme: Firm) -> None:
    add_contact(acme)
    with acme.work():
        yesterday = clock.today() - timedelta(days=1)
        tasks.add(Plan(text="Call back", assignee_id=acme.owner_id, due_on=yesterday), about=None, at=clock.now())
        done = tasks.add(Plan(text="Long done", assignee_id=acme.owner_id), about=None, at=clock.now())
    acme.client().post(f"{acme.url}/tasks/{done}/tick")

    page = acme.client().get(f"{acme.url}/").text

    assert "Call back" in page
    assert 'class="tone-bad">yesterday' in page
    assert "Long done" not in page


def test_open_complaints_are_told_by_number(acme: Firm) -> None:
    add_contact(acme)
    with acme.work():
        complaints.enter(Draft(what="The pump leaks."), at=clock.now())

    page = acme.client().get(f"{acme.url}/").text

    assert f"R-{clock.now().year}-0001 The pump leaks." in page


def test_where_nothing_waits_home_says_so(acme: Firm) -> None:
    add_contact(acme)

    page = acme.client().get(f"{acme.url}/").text

    assert "Nothing is waiting for you." in page
    assert "No complaint is open." in page


def test_a_reader_is_led_to_nothing_that_is_closed_to_them(acme: Firm) -> None:
    add_contact(acme)
    with acme.work():
        tasks.add(Plan(text="Call back", assignee_id=acme.owner_id), about=None, at=clock.now())

    with visitor_with_role(acme, Role.READER) as reader:
        page = reader.get(f"{acme.url}/").text

    assert "Call back" in page
    assert "/edit" not in page.partition("agenda-lines")[2].partition("</ul>")[0]
