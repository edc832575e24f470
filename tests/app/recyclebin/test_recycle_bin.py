from __future__ import annotations

from uuid import UUID, uuid4

from app.activities import actions as activities
from app.activities.models import ActivityKind
from app.complaints import actions as complaints
from app.complaints.actions import Draft
from app.core.entities import EntityRef
from app.tasks import actions as tasks
from app.tasks.actions import Plan
from tenants import clock
from tests.firms import Firm, counted_statements, visitor_with_role
from tests.records import add_company, add_contact


def written(firm: Firm, contact_id: UUID, text: str) -> UUID:
    about = EntityRef("contact", contact_id)
    with firm.work():
        return activities.record(ActivityKind.CALL, body=text, about=about, at=clock.now())


def test_the_bin_shows_what_was_deleted_of_every_kind(acme: Firm) -> None:
    client = acme.client()
    client.post(f"{acme.url}/contacts/{add_contact(acme)}/delete")
    client.post(f"{acme.url}/companies/{add_company(acme)}/delete")

    page = client.get(f"{acme.url}/recycle-bin").text

    assert "Jürgen Müller" in page
    assert "Hafen &amp; Söhne KG" in page


def test_undo_on_the_notice_brings_it_back(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()

    listed = client.post(f"{acme.url}/contacts/{contact_id}/delete", follow_redirects=True).text
    assert f'action="{acme.url}/recycle-bin/contact/{contact_id}/restore"' in listed

    client.post(f"{acme.url}/recycle-bin/contact/{contact_id}/restore")
    assert "Jürgen Müller" in client.get(f"{acme.url}/contacts").text


def test_taking_back_twice_or_nothing_is_harmless(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()

    for _ in range(2):
        assert client.post(f"{acme.url}/recycle-bin/contact/{contact_id}/restore").status_code == 303
    assert client.post(f"{acme.url}/recycle-bin/contact/{uuid4()}/restore").status_code == 404
    assert client.post(f"{acme.url}/recycle-bin/spaceship/{contact_id}/restore").status_code == 404


def test_a_deleted_note_says_where_it_belonged_and_goes_back_there(acme: Firm) -> None:
    client, contact_id = acme.client(), add_contact(acme)
    activity_id = written(acme, contact_id, "He wants a sample.\nThe blue one.")
    client.post(f"{acme.url}/activities/{activity_id}/delete")

    page = client.get(f"{acme.url}/recycle-bin").text
    assert "Call: He wants a sample." in page
    assert "The blue one." not in page
    assert f'href="{acme.url}/contacts/{contact_id}">Jürgen Müller</a>' in page

    answer = client.post(f"{acme.url}/recycle-bin/activity/{activity_id}/restore")
    assert answer.location == f"{acme.url}/contacts/{contact_id}"
    assert "The blue one." in client.get(answer.location).text
    assert "The recycle bin is empty" in client.get(f"{acme.url}/recycle-bin").text


def test_a_deleted_task_of_a_deleted_contact_says_so(acme: Firm) -> None:
    client, contact_id = acme.client(), add_contact(acme)
    with acme.work():
        plan = Plan(text="Send a sample.", assignee_id=acme.owner_id)
        task_id = tasks.add(plan, about=EntityRef("contact", contact_id), at=clock.now())
    client.post(f"{acme.url}/tasks/{task_id}/delete")
    client.post(f"{acme.url}/contacts/{contact_id}/delete")

    page = client.get(f"{acme.url}/recycle-bin").text
    assert "Jürgen Müller, in the recycle bin too" in page

    answer = client.post(f"{acme.url}/recycle-bin/task/{task_id}/restore")
    assert answer.location == f"{acme.url}/tasks"
    assert "Send a sample." in client.get(answer.location).text


def test_a_deleted_complaint_says_from_whom_it_came(acme: Firm) -> None:
    client, contact_id = acme.client(), add_contact(acme, company="Hafen KG")
    with acme.work():
        complaint_id = complaints.enter(Draft(what="The pump leaks.", contact_id=contact_id), at=clock.now())
    client.post(f"{acme.url}/complaints/{complaint_id}/delete")

    page = client.get(f"{acme.url}/recycle-bin").text

    assert "The pump leaks." in page
    assert f'href="{acme.url}/contacts/{contact_id}">Jürgen Müller</a>' in page
    assert ">Hafen KG</a>" in page


def test_a_task_is_no_note_and_a_note_is_no_task(acme: Firm) -> None:
    activity_id = written(acme, add_contact(acme), "He called.")
    acme.client().post(f"{acme.url}/activities/{activity_id}/delete")

    assert acme.client().post(f"{acme.url}/recycle-bin/task/{activity_id}/restore").status_code == 404
    assert "He called." in acme.client().get(f"{acme.url}/recycle-bin").text


def test_a_full_bin_takes_no_more_statements(acme: Firm) -> None:
    client, contact_id = acme.client(), add_contact(acme)
    client.get(f"{acme.url}/recycle-bin")
    counts = []
    for times in (1, 20):
        for number in range(times):
            client.post(f"{acme.url}/activities/{written(acme, contact_id, f'Note {number}')}/delete")
            client.post(f"{acme.url}/contacts/{add_contact(acme)}/delete")
        with counted_statements(acme.app) as statements:
            client.get(f"{acme.url}/recycle-bin")
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 4


def test_who_may_only_look_can_take_nothing_back(acme: Firm) -> None:
    activity_id = written(acme, add_contact(acme), "He called.")
    acme.client().post(f"{acme.url}/activities/{activity_id}/delete")

    with visitor_with_role(acme, "reader") as visitor:
        page = visitor.get(f"{acme.url}/recycle-bin").text
        assert "He called." in page
        assert "Restore" not in page
        assert visitor.post(f"{acme.url}/recycle-bin/activity/{activity_id}/restore").status_code == 403


def test_an_empty_bin_says_what_it_is_good_for(acme: Firm) -> None:
    assert "The recycle bin is empty" in acme.client().get(f"{acme.url}/recycle-bin").text
