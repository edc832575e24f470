"""Somebody has a new job: what is open between the person and the old company is asked about, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from app.complaints import actions as complaints
from app.complaints.actions import Draft
from app.complaints.models import Complaint
from app.core.entities import EntityRef
from app.tasks import actions as tasks
from app.tasks.actions import Plan
from tenants import clock
from tests.colleagues import colleague, only_owners
from tests.firms import Firm, Reset, Visitor, counted_statements, visitor_with_role
from tests.pages import form_values
from tests.records import add_company, add_contact


@dataclass(frozen=True)
class Scene:
    firm: Firm
    contact_id: UUID
    company_id: UUID
    task_id: UUID
    complaint_id: UUID
    address: str

    def page(self) -> str:
        return self.firm.client().get(self.address).text

    def move(self, browser: Visitor | None = None, **chosen: str) -> str:
        """The page that follows."""
        new = {"company": "Werft AG", "role": "Leitung", "on": "2026-01-01"}
        typed = form_values(self.page()) | new | {name.replace("open_", "open-"): text for name, text in chosen.items()}
        return (browser or self.firm.client()).post(self.address, data=typed, follow_redirects=True).text

    def shows(self, entity: str, words: str) -> bool:
        record_id = self.contact_id if entity == "contacts" else self.company_id
        return words in self.firm.client().get(f"{self.firm.url}/{entity}/{record_id}").text

    def complaint(self) -> Complaint:
        with self.firm.work() as session:
            return session.get_one(Complaint, self.complaint_id)


@pytest.fixture
def scene(acme: Firm, globex: Firm, reset: Reset) -> Iterator[Scene]:
    company_id = add_company(acme, name="Hafen KG")
    contact_id = add_contact(acme, company="Hafen KG", role="Einkauf")
    with acme.work():
        plan = Plan(text="Send a sample.\nThe blue one.", assignee_id=acme.owner_id)
        task_id = tasks.add(plan, about=EntityRef("contact", contact_id), at=clock.now())
        draft = Draft(what="The pump leaks.", contact_id=contact_id)
        complaint_id = complaints.enter(draft, at=clock.now())
    page = acme.client().get(f"{acme.url}/contacts/{contact_id}").text
    found = re.search(r'href="([^"]*/affiliations/[^"]*/move)"', page)
    assert found is not None
    yield Scene(acme, contact_id, company_id, task_id, complaint_id, found[1])
    reset()
    only_owners(acme, globex)


def test_what_is_open_is_asked_about_and_stays_as_it_is_unless_somebody_decides(scene: Scene) -> None:
    page = scene.page()
    assert "What is still to be done" in page
    assert "Send a sample." in page
    assert "The pump leaks." in page

    scene.move()

    for entity in ("contacts", "companies"):
        assert scene.shows(entity, "Send a sample.")
    assert (scene.complaint().contact_id, scene.complaint().company_id) == (scene.contact_id, scene.company_id)


def test_a_task_stays_with_the_person_and_a_complaint_with_the_company(scene: Scene) -> None:
    scene.move(**{f"open-{scene.task_id}": "first", f"open-{scene.complaint_id}": "second"})

    assert scene.shows("contacts", "Send a sample.")
    assert not scene.shows("companies", "Send a sample.")
    assert (scene.complaint().contact_id, scene.complaint().company_id) == (None, scene.company_id)


def test_a_task_stays_with_the_company_and_a_complaint_with_the_person(scene: Scene) -> None:
    scene.move(**{f"open-{scene.task_id}": "second", f"open-{scene.complaint_id}": "first"})

    assert not scene.shows("contacts", "Send a sample.")
    assert scene.shows("companies", "Send a sample.")
    assert (scene.complaint().contact_id, scene.complaint().company_id) == (scene.contact_id, None)


def test_what_no_longer_reaches_somebody_finds_them_and_stands_in_no_list(acme: Firm) -> None:
    reach = {"email": "j@hafen.example", "phone": "040 111", "mobile": "0170 222"}
    contact_id = add_contact(acme, company="Hafen KG", city="Hamburg", **reach)
    client = acme.client()
    page = client.get(f"{acme.url}/contacts/{contact_id}").text
    address = re.findall(r'href="([^"]*/affiliations/[^"]*/move)"', page)[0]
    form = form_values(client.get(address).text) | {"company": "Werft AG", "role": "Leitung", "on": "2026-01-01"}
    client.post(address, data=form)

    listed = client.get(f"{acme.url}/contacts?q=j@hafen.example").text
    found = client.get(f"{acme.url}/search?q=müller").text
    reachable = client.get(f"{acme.url}/contacts?reach=email").text

    for shown in (listed, found):
        assert "Jürgen Müller" in shown
        assert "Werft AG" in shown
        assert "0170 222" in shown
        assert "Hamburg" in shown
        assert "040 111" not in shown
    assert "<td>j@hafen.example</td>" not in listed
    assert "j@hafen.example" not in found
    assert "Jürgen Müller" not in reachable


def test_a_colleague_takes_over_what_is_handed_over(scene: Scene) -> None:
    bodo = colleague(scene.firm)
    handed = {f"open-{scene.task_id}": "handed", f"open-{scene.complaint_id}": "handed"}

    refused = scene.move(**handed)
    assert "Please choose who takes over." in refused
    assert "Werft AG" not in scene.firm.client().get(f"{scene.firm.url}/companies").text
    assert form_values(refused).items() >= {**handed, "company": "Werft AG", "role": "Leitung"}.items()
    scene.move(**handed, heir=str(bodo.user_id))

    assert scene.complaint().assignee_id == bodo.user_id
    assert "Send a sample." in bodo.client().get(f"{scene.firm.url}/tasks").text


def test_what_is_finished_or_nobodys_business_is_not_asked_about(scene: Scene) -> None:
    client, url = scene.firm.client(), scene.firm.url
    client.post(f"{url}/tasks/{scene.task_id}/tick")
    client.post(f"{url}/complaints/{scene.complaint_id}/delete")

    page = scene.page()

    assert "What is still to be done" not in page
    assert "Colleague who takes over" not in page


def test_it_takes_one_statement_to_find_it(scene: Scene) -> None:
    client = scene.firm.client()
    client.get(scene.address)

    with counted_statements(scene.firm.app) as statements:
        client.get(scene.address)

    asked = [statement for statement in statements if "links" in statement or "complaints" in statement]
    assert len(asked) == 1
    assert len(statements) <= 7


def test_sent_twice_there_is_one_new_job(scene: Scene) -> None:
    typed = form_values(scene.page()) | {"company": "Werft AG", "on": "2026-01-01"}
    client = scene.firm.client()

    answers = [client.post(scene.address, data=typed).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert client.get(f"{scene.firm.url}/contacts/{scene.contact_id}").text.count("<b>Werft AG</b>") == 1


def test_who_comes_second_hears_who_was_first_and_keeps_what_was_typed(scene: Scene) -> None:
    bodo = colleague(scene.firm)
    typed = form_values(scene.page()) | {"company": "Weingut", "role": "Keller", "on": "2026-02-01"}
    scene.move(bodo.client())

    asked = scene.firm.client().post(scene.address, data=typed)

    assert asked.status_code == 422
    assert "Bodo Berg has ended this job meanwhile, as of 1 Jan 2026." in asked.text
    again = form_values(asked.text)
    assert (again["company"], again["role"]) == ("Weingut", "Keller")
    scene.firm.client().post(scene.address, data=again)
    page = scene.firm.client().get(f"{scene.firm.url}/contacts/{scene.contact_id}").text
    assert "Einkauf until 1 Jan 2026" in page
    assert "<b>Weingut</b>" in page


def test_who_may_only_look_is_not_asked(scene: Scene) -> None:
    with visitor_with_role(scene.firm, "reader") as visitor:
        assert visitor.get(scene.address).status_code == 403
