"""Wherever a record is changed by a form, two people can do it at once and neither loses anything without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.colleagues import colleague, only_owners
from tests.firms import Firm, Reset
from tests.house import samples
from tests.house.routes import Route, rooms
from tests.pages import form_values

EDITS: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "activities.save": ({"text": "Called twice."}, {"text": "Called, and wrote."}),
    "affiliations.save": ({"role": "Leitung"}, {"role": "Einkauf"}),
    "companies.save": ({"name": "Werft AG"}, {"name": "Werft KG"}),
    "complaints.save": ({"what": "The pump is loud."}, {"what": "The pump stinks."}),
    "complaints.settle": ({"settled_how": "A new pump."}, {"settled_how": "A new seal."}),
    "contacts.save": ({"family_name": "Maier"}, {"family_name": "Meyer"}),
    "rules.save": ({"name": "All of them"}, {"name": "Only some"}),
    "tags.rename": ({"name": "Stammkunde"}, {"name": "Neukunde"}),
    "tasks.save": ({"text": "Send two samples."}, {"text": "Send no sample."}),
    "users.give_role": ({"role": "reader"}, {"role": "admin"}),
}
"""endpoint -> what one person enters, and what another who opened the form at the same time."""

DISCARDED = {
    "activities.save": "activity",
    "companies.save": "company",
    "complaints.save": "complaint",
    "complaints.settle": "complaint",
    "contacts.save": "contact",
    "tasks.save": "task",
}
"""endpoint -> what the record is called in the address that takes it out of the recycle bin."""

WITHOUT_VERSIONS = {
    "activities.capture": "It adds an entry.",
    "affiliations.create": "It adds a job.",
    "attachments.attach": "It adds a file.",
    "tags.add": "It adds a tag.",
    "users.deactivate": "It asks who takes over; done twice it is done once.",
    "views.save": "It is a name and who sees it; the last one counts, and what the view shows stays.",
    "webhooks.save": "It says what is told and where; the last one counts.",
    "views.replace": "It keeps what is on the screen; the last one counts.",
    "imports.choose": "Only who uploaded the list has this form.",
    "imports.launch": "Only who uploaded the list has this form.",
    "affiliations.move": "It adds a job and ends another; a story of its own tells what happens when that had ended.",
}
"""endpoint -> why nobody can contradict what is entered there."""


def forms() -> list[Route]:
    """Every address of a record to which something is sent that was typed."""
    pages = {route.rule for route in rooms() if route.method == "GET"}
    sent = [route for route in rooms() if route.method == "POST" and route.arguments]
    return [route for route in sent if route.rule in pages or route.endpoint in {**samples.TYPED, **EDITS}]


@pytest.fixture(autouse=True)
def _only_the_owner_stays(acme: Firm, globex: Firm, reset: Reset) -> Iterator[None]:
    yield
    reset()
    only_owners(acme, globex)


def test_every_form_of_a_record_is_merged_or_says_why_it_need_not_be() -> None:
    assert {route.endpoint for route in forms()} == {*EDITS, *WITHOUT_VERSIONS}


@pytest.mark.parametrize("route", [route for route in forms() if route.endpoint in EDITS], ids=str)
def test_the_second_sees_both_versions_and_by_whom_and_chooses(route: Route, acme: Firm) -> None:
    mia = colleague(acme, name="Mia Sommer", role="owner")
    url = samples.address(route, acme.scope.slug, samples.arguments(route, acme))
    page = samples.page_of(route, acme, url)
    shown = form_values(acme.client().get(page).text)
    theirs, mine = EDITS[route.endpoint]

    first = mia.client().post(url, data={**shown, **theirs})
    second = acme.client().post(url, data={**shown, **mine})
    again = form_values(second.text)
    taken = {f"use-{name}": "1" for name in mine}
    third = acme.client().post(url, data={**again, **taken})

    assert [answer.status_code for answer in (first, second, third)] == [303, 409, 303]
    assert "Mia Sommer has changed this meanwhile:" in second.text
    assert "Mia Sommer has saved, just now:" in second.text
    assert {name: again[name] for name in mine} == mine
    assert form_values(acme.client().get(page).text).items() >= theirs.items()


@pytest.mark.parametrize("route", [route for route in forms() if route.endpoint in EDITS], ids=str)
def test_the_same_sent_twice_is_saved_once(route: Route, acme: Firm) -> None:
    url = samples.address(route, acme.scope.slug, samples.arguments(route, acme))
    page = samples.page_of(route, acme, url)
    shown = form_values(acme.client().get(page).text)
    mine, _ = EDITS[route.endpoint]

    answers = [acme.client().post(url, data={**shown, **mine}).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert form_values(acme.client().get(page).text).items() >= mine.items()


@pytest.mark.parametrize("route", [route for route in forms() if route.endpoint in DISCARDED], ids=str)
def test_what_was_deleted_meanwhile_keeps_what_was_entered_until_it_is_taken_back(route: Route, acme: Firm) -> None:
    mia, values = colleague(acme, name="Mia Sommer"), samples.arguments(route, acme)
    url, record_id = samples.address(route, acme.scope.slug, values), next(iter(values.values()))
    shown = form_values(acme.client().get(url).text)
    mine, _ = EDITS[route.endpoint]
    mia.client().post(url.rpartition("/")[0] + "/delete")

    asked = acme.client().post(url, data={**shown, **mine})
    mia.client().post(f"{acme.url}/recycle-bin/{DISCARDED[route.endpoint]}/{record_id}/restore")
    saved = acme.client().post(url, data=form_values(asked.text))

    assert [answer.status_code for answer in (asked, saved)] == [409, 303]
    assert "Mia Sommer has moved this to the recycle bin, just now." in asked.text
    assert form_values(asked.text).items() >= mine.items()
    assert form_values(acme.client().get(url).text).items() >= mine.items()
