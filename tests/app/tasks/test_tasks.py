from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.activities.models import Activity
from tenants import clock
from tests.app.activities.colleague import grace_of
from tests.firms import Firm, counted_statements, ring, visitor_with_role
from tests.pages import form_values
from tests.records import add_contact


def today(firm: Firm) -> date:
    from tenants import clock

    with firm.work():
        return clock.today()


def add(firm: Firm, text: str, **typed: str) -> str:
    """The page of tasks, with a new one."""
    return firm.client().post(f"{firm.url}/tasks", data={"text": text, **typed}, follow_redirects=True).text


def id_of(page: str, text: str) -> str:
    """Of the task with this text, in a list in which it can be edited."""
    found = re.search(rf"/tasks/([0-9a-f-]{{36}})/edit\"[^>]*>{re.escape(text)}", page)
    assert found, page
    return found.group(1)


def press(firm: Firm, task_id: str, what: str) -> str:
    return firm.client().post(f"{firm.url}/tasks/{task_id}/{what}", follow_redirects=True).text


def headings(page: str) -> list[str]:
    """What is in order: headings, and the texts below them."""
    rows = page[page.index("<main") :]
    return re.findall(r"<h2>([^<]+)</h2>|data-row>([^<]+)</a>", rows)


def tasks(firm: Firm) -> list[Any]:
    from app.activities.models import Activity, ActivityKind

    with firm.work() as session:
        found = session.query(Activity).filter(Activity.kind == ActivityKind.TASK, Activity.deleted_at.is_(None))
        return found.order_by(Activity.id).all()


@pytest.fixture
def grace(acme: Firm) -> Iterator[UUID]:
    with grace_of(acme) as user_id:
        yield user_id


def test_a_task_made_on_a_record_is_on_its_timeline_and_among_the_tasks(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()

    typed = {"kind": "task", "text": "Send a sample", "due_on": "2020-01-31", "due_time": "09:30"}
    page = client.post(f"{acme.url}/activities/contact/{contact_id}", data=typed, follow_redirects=True).text

    assert re.search(r"<b>Task</b>", page)
    assert "Ada Owner · due 31 Jan 2020, 09:30" in page
    listed = client.get(f"{acme.url}/tasks").text
    assert id_of(listed, "Send a sample")
    assert f'href="{acme.url}/contacts/{contact_id}">Jürgen Müller</a>' in listed


def test_tasks_lie_in_order_of_when_they_are_due(acme: Firm) -> None:
    day = today(acme)
    add(acme, "Some time")
    add(acme, "Far off", due_on=str(day + timedelta(days=40)))
    add(acme, "Now, without a time", due_on=str(day))
    add(acme, "Now, early", due_on=str(day), due_time="08:00")
    page = add(acme, "Too late", due_on=str(day - timedelta(days=1)))

    told = [heading or text for heading, text in headings(page)]

    assert told == [
        "Overdue",
        "Too late",
        "Today",
        "Now, early",
        "Now, without a time",
        "Later",
        "Far off",
        "No date",
        "Some time",
    ]


def test_one_press_ticks_a_task_off_and_another_takes_that_back(acme: Firm) -> None:
    task_id = id_of(add(acme, "Send a sample"), "Send a sample")

    page = press(acme, task_id, "tick")

    assert "The task is done." in page
    assert f'action="{acme.url}/tasks/{task_id}/reopen"' in page
    assert "Send a sample" not in page
    assert "Send a sample" in acme.client().get(f"{acme.url}/tasks?state=done").text
    assert tasks(acme)[0].done_by_id == acme.owner_id

    assert id_of(press(acme, task_id, "reopen"), "Send a sample") == task_id
    assert tasks(acme)[0].done_by_id is None


def test_a_press_leads_back_to_where_it_was_made(acme: Firm) -> None:
    task_id = id_of(add(acme, "Send a sample"), "Send a sample")
    client, address = acme.client(), f"{acme.url}/tasks/{task_id}/tick"

    inside = client.post(address, headers={"Referer": f"http://localhost{acme.url}/contacts?q=x"})
    outside = client.post(address, headers={"Referer": f"http://elsewhere.example{acme.url}/contacts"})

    assert inside.location == f"{acme.url}/contacts?q=x"
    assert outside.location == f"{acme.url}/tasks"


def test_a_changed_task_leads_back_to_where_its_form_was_opened(acme: Firm) -> None:
    task_id = id_of(add(acme, "Send a sample"), "Send a sample")
    client, address = acme.client(), f"{acme.url}/tasks/{task_id}/edit"
    contact = f"{acme.url}/contacts/{add_contact(acme)}"

    form = form_values(client.get(address, headers={"Referer": f"http://localhost{contact}"}).text)
    assert client.post(address, data=form).location == contact

    form = form_values(client.get(address).text)
    for elsewhere in ("https://elsewhere.example/acme/", "//elsewhere.example", "http://[", ""):
        answer = client.post(address, data={**form, "back": elsewhere})
        assert answer.location == f"{acme.url}/tasks"
        form["version"] = form_values(client.get(address).text)["version"]


def test_what_repeats_is_there_again_once_and_counts_from_its_day(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()
    typed = {"kind": "task", "text": "Write the invoice", "due_on": "2027-01-31", "repeats": "monthly"}
    client.post(f"{acme.url}/activities/contact/{contact_id}", data=typed)

    for month, day in ((1, 31), (2, 28), (3, 31), (4, 30)):
        open_now = [task for task in tasks(acme) if task.done_at is None]
        assert [(task.due_on.month, task.due_on.day) for task in open_now] == [(month, day)]
        press(acme, str(open_now[0].id), "tick")
        press(acme, str(open_now[0].id), "tick")

    page = client.get(f"{acme.url}/contacts/{contact_id}").text
    assert page.count("Write the invoice") == 5


def test_taking_back_a_tick_takes_its_repetition_back(acme: Firm) -> None:
    task_id = id_of(add(acme, "Backup", due_on="2027-01-31", repeats="daily"), "Backup")
    press(acme, task_id, "tick")
    assert len(tasks(acme)) == 2

    press(acme, task_id, "reopen")
    assert [str(task.id) for task in tasks(acme)] == [task_id]

    press(acme, task_id, "tick")
    assert len(tasks(acme)) == 2


def test_a_repetition_that_somebody_worked_on_stays(acme: Firm) -> None:
    task_id = id_of(add(acme, "Backup", due_on="2027-01-31", repeats="daily"), "Backup")
    following = id_of(press(acme, task_id, "tick"), "Backup")
    client, address = acme.client(), f"{acme.url}/tasks/{following}/edit"
    client.post(address, data={"text": "Backup, twice", "due_on": "2027-02-01", "version": "1"})

    press(acme, task_id, "reopen")

    assert {task.body for task in tasks(acme)} == {"Backup", "Backup, twice"}


def test_a_task_is_changed_and_given_to_somebody_else(acme: Firm, grace: UUID) -> None:
    task_id = id_of(add(acme, "Send a sample"), "Send a sample")
    client, address = acme.client(), f"{acme.url}/tasks/{task_id}/edit"

    shown = form_values(client.get(address).text)
    client.post(address, data=shown | {"text": "Send two", "assignee": str(grace), "due_on": "2027-03-01"})

    assert "Send two" not in client.get(f"{acme.url}/tasks").text
    assert "Send two" in client.get(f"{acme.url}/tasks?who={grace}").text
    assert "Send two" in client.get(f"{acme.url}/tasks?who=all").text
    asked = client.post(address, data=shown | {"text": "Send three", "repeats": ""})
    assert asked.status_code == 409
    assert "Ada Owner has changed this meanwhile: What is to be done, Due, For." in asked.text
    assert (
        form_values(asked.text).items()
        >= {"text": "Send three", "assignee": str(grace), "due_on": "2027-03-01"}.items()
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": " "}, "Please write down what is to be done."),
        ({"text": "x", "due_on": "31.1.2027"}, "This is not a day."),
        ({"text": "x", "due_on": "9999-12-31"}, "This is not a day."),
        ({"text": "x", "due_time": "8:00"}, "This is not a time of day."),
        ({"text": "x", "due_time": "08:00"}, "A time needs a day."),
        ({"text": "x", "repeats": "daily"}, "What repeats needs a day to count from."),
        ({"text": "x", "repeats": "hourly"}, "Please choose one of the entries."),
        ({"text": "x", "assignee": "00000000-0000-7000-8000-000000000000"}, "Please choose one of the entries."),
    ],
)
def test_what_makes_no_sense_comes_back_with_what_is_wrong(acme: Firm, typed: dict[str, str], said: str) -> None:
    contact_id = add_contact(acme)

    for address in (f"{acme.url}/tasks", f"{acme.url}/activities/contact/{contact_id}"):
        answer = acme.client().post(address, data={"kind": "task", **typed})
        assert answer.status_code == 422
        assert said in answer.text
    assert tasks(acme) == []


def test_the_page_that_says_what_is_wrong_can_still_load_its_panels(acme: Firm) -> None:
    contact_id, client = add_contact(acme), acme.client()
    refused = client.post(f"{acme.url}/activities/contact/{contact_id}", data={"kind": "task", "text": ""}).text

    addresses = set(re.findall(r'"([^"]*\?panels=all)[#"]', refused))
    assert [client.get(address).status_code for address in addresses] == [200]


def test_a_deleted_task_lies_in_its_recycle_bin_until_it_is_taken_back(acme: Firm) -> None:
    task_id = id_of(add(acme, "Send a sample"), "Send a sample")

    gone = press(acme, task_id, "delete")
    assert "The task is in the recycle bin." in gone
    assert "Send a sample" not in gone
    assert "Send a sample" in acme.client().get(f"{acme.url}/tasks?state=deleted").text

    assert id_of(press(acme, task_id, "restore"), "Send a sample") == task_id


def test_tasks_come_a_page_at_a_time_and_none_is_left_out(acme: Firm) -> None:
    from app.tasks import actions
    from app.tasks.actions import Plan
    from tenants import clock

    with acme.work():
        for number in range(60):
            due_on = date(2027, 1, 1 + number % 7) if number % 3 else None
            plan = Plan(text=f"No {number}.", assignee_id=acme.owner_id, due_on=due_on)
            actions.add(plan, about=None, at=clock.now())
    client = acme.client()

    for state, pressed in (("open", "tick"), ("done", "delete"), ("deleted", "")):
        first = client.get(f"{acme.url}/tasks?state={state}").text
        onwards = re.search(r'href="([^"]*after=[^"]*)"', first)
        assert onwards is not None
        second = client.get(onwards.group(1).replace("&amp;", "&")).text
        seen = [re.findall(r"No \d+\.", page) for page in (first, second)]
        assert (len(seen[0]), len(seen[1])) == (50, 10)
        assert len({*seen[0], *seen[1]}) == 60
        for task in tasks(acme) if pressed else ():
            client.post(f"{acme.url}/tasks/{task.id}/{pressed}")


def test_what_somebody_leaves_behind_is_handed_over(acme: Firm, grace: UUID) -> None:
    from app.tasks import actions, queries
    from app.tasks.queries import Counts

    day = today(acme)
    add(acme, "Overdue", due_on=str(day - timedelta(days=3)))
    add(acme, "Due today", due_on=str(day))
    add(acme, "Some time")
    done = id_of(add(acme, "Done", due_on=str(day)), "Done")
    press(acme, done, "tick")

    with acme.work():
        assert queries.counts(acme.owner_id, today=day) == Counts(overdue=1, today=1)
        assert actions.handover(acme.owner_id, grace) == 3

    with acme.work():
        assert [row.body for row in queries.mine(grace, limit=2)] == ["Overdue", "Due today"]
        assert queries.counts(acme.owner_id, today=day) == Counts(overdue=0, today=0)


def test_a_reader_sees_tasks_and_can_press_nothing(acme: Firm) -> None:
    task_id = id_of(add(acme, "Send a sample"), "Send a sample")

    with visitor_with_role(acme, "reader") as reader:
        page = reader.get(f"{acme.url}/tasks").text
        assert "Send a sample" in page
        assert "/tick" not in page
        assert "data-capture" not in page
        assert reader.post(f"{acme.url}/tasks/{task_id}/tick").status_code == 403


def test_another_firms_task_does_not_exist(acme: Firm, globex: Firm) -> None:
    task_id = id_of(add(acme, "Send a sample"), "Send a sample")

    assert globex.client().post(f"{globex.url}/tasks/{task_id}/tick").status_code == 404
    assert tasks(acme)[0].done_at is None


def test_a_note_is_no_task(acme: Firm) -> None:
    from app.activities import actions
    from app.activities.models import ActivityKind
    from app.core.entities import EntityRef
    from tenants import clock

    about = EntityRef("contact", add_contact(acme))
    with acme.work():
        note = actions.record(ActivityKind.NOTE, body="A note.", about=about, at=clock.now())

    for what in ("tick", "delete", "restore"):
        assert acme.client().post(f"{acme.url}/tasks/{note}/{what}").status_code == 404


def test_the_page_takes_as_few_statements_for_many_tasks(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()
    address = f"{acme.url}/activities/contact/{contact_id}"
    seen = []
    ring(acme)

    for times in (1, 60):
        for _ in range(times):
            client.post(address, data={"kind": "task", "text": "Ask @Ada"})
        with counted_statements(acme.app) as statements:
            client.get(f"{acme.url}/tasks")
        seen.append(len(statements))

    assert seen[0] == seen[1] <= 4


def test_plus_leads_to_a_form_of_its_own(acme: Firm) -> None:
    client = acme.client()
    assert f'href="{acme.url}/tasks/new"' in client.get(f"{acme.url}/").text
    shown = form_values(client.get(f"{acme.url}/tasks/new").text)

    refused = client.post(f"{acme.url}/tasks/new", data=shown | {"text": "", "due_on": "2027-03-01"})
    answer = client.post(f"{acme.url}/tasks/new", data=shown | {"text": "Send a sample", "due_on": "2027-03-01"})

    assert refused.status_code == 422
    assert form_values(refused.text)["due_on"] == "2027-03-01"
    page = client.get(answer.location).text
    assert "The task is saved." in page
    assert "Send a sample" in page


def test_what_is_ticked_off_twice_is_done_once_and_says_by_whom(acme: Firm, grace: UUID) -> None:
    task_id = id_of(add(acme, "Send a sample", due_on=today(acme).isoformat(), repeats="daily"), "Send a sample")
    with acme.work() as session:
        session.execute(update(Activity).values(done_at=clock.now(), done_by_id=grace))

    page = press(acme, task_id, "tick")

    assert "Grace Hopper has ticked this off already." in page
    assert f"/tasks/{task_id}/reopen" not in page
    with acme.work() as session:
        assert session.query(Activity).count() == 1
