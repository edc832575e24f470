"""Two people edit one contact: the second sees both versions and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.colleagues import colleague, only_owners
from tests.firms import Firm, Reset, Visitor
from tests.pages import form_values
from tests.records import add_contact


@pytest.fixture
def contact_id(acme: Firm) -> UUID:
    return add_contact(acme, title="Dr.", phone="040 66969 123", email="j@hafen.example")


@pytest.fixture(autouse=True)
def _only_the_owner_stays(acme: Firm, globex: Firm, reset: Reset) -> Iterator[None]:
    yield
    reset()
    only_owners(acme, globex)


def with_mia(firm: Firm) -> Visitor:
    return colleague(firm, name="Mia Sommer").client()


def opened(firm: Firm, contact_id: UUID) -> dict[str, str]:
    return form_values(firm.client().get(f"{firm.url}/contacts/{contact_id}/edit").text)


def test_changes_that_do_not_meet_are_both_saved(acme: Firm, contact_id: UUID) -> None:
    client, address = acme.client(), f"{acme.url}/contacts/{contact_id}/edit"
    mia, tom = opened(acme, contact_id), opened(acme, contact_id)
    with_mia(acme).post(address, data=mia | {"family_name": "Maier", "points-1-value": "040 66969 555"})

    answer = client.post(address, data=tom | {"given_name": "Jörg", "points-0-value": "jm@hafen.example"})

    page = client.get(answer.location).text
    assert answer.status_code == 303
    assert "Mia Sommer changed this meanwhile; both changes are saved." in page
    assert "Jörg Maier" in page
    assert "040 66969 555" in page
    assert "jm@hafen.example" in page


def test_where_both_changed_the_same_the_second_sees_both_and_chooses(acme: Firm, contact_id: UUID) -> None:
    client, address = acme.client(), f"{acme.url}/contacts/{contact_id}/edit"
    mia, tom = opened(acme, contact_id), opened(acme, contact_id)
    with_mia(acme).post(address, data=mia | {"family_name": "Maier", "title": "Prof.", "points-1-value": "040 1111111"})

    asked = client.post(
        address, data=tom | {"family_name": "Meyer", "title": "Prof. Dr.", "points-1-value": "040 2222222"}
    )

    assert asked.status_code == 409
    assert "Mia Sommer has changed this meanwhile: Academic title, Last name, Ways to reach." in asked.text
    assert asked.text.count("Mia Sommer has saved, just now:") == 3
    assert "Maier" in asked.text
    assert "Prof." in asked.text
    assert "040 1111111" in asked.text
    again = form_values(asked.text)
    assert (again["family_name"], again["title"]) == ("Meyer", "Prof. Dr.")

    client.post(address, data=again | {"use-family_name": "1", "use-points-1": "1"})

    saved = opened(acme, contact_id)
    assert (saved["family_name"], saved["title"], saved["points-1-value"]) == ("Maier", "Prof. Dr.", "040 1111111")


def test_what_the_first_added_is_not_removed_by_the_second(acme: Firm, contact_id: UUID) -> None:
    client, address = acme.client(), f"{acme.url}/contacts/{contact_id}/edit"
    mia, tom = opened(acme, contact_id), opened(acme, contact_id)
    added = {"points-7-kind": "phone", "points-7-label": "mobile", "points-7-value": "0170 1234567"}
    client.post(address, data=mia | added)

    client.post(
        address, data=tom | {"title": "", "points-7-kind": "web", "points-7-label": "work", "points-7-value": "a.de"}
    )

    page = client.get(f"{acme.url}/contacts/{contact_id}").text
    assert "0170 1234567" in page
    assert "a.de" in page


def test_a_removed_number_that_the_other_changed_stays(acme: Firm, contact_id: UUID) -> None:
    client, address = acme.client(), f"{acme.url}/contacts/{contact_id}/edit"
    mia, tom = opened(acme, contact_id), opened(acme, contact_id)
    client.post(address, data=mia | {"points-1-value": "040 1111111"})

    client.post(address, data=tom | {"points-1-remove": "1", "title": "Prof."})

    page = client.get(f"{acme.url}/contacts/{contact_id}").text
    assert "040 1111111" in page


def test_a_form_that_tells_nonsense_of_what_was_seen_overwrites_nothing_silently(acme: Firm, contact_id: UUID) -> None:
    client, address = acme.client(), f"{acme.url}/contacts/{contact_id}/edit"
    tom = opened(acme, contact_id)
    client.post(address, data=opened(acme, contact_id) | {"family_name": "Maier"})

    for seen in ("", "[]", "{", '{"family_name": 7}'):
        asked = client.post(address, data=tom | {"family_name": "Meyer", "seen": seen})
        assert asked.status_code == 409
        assert "Ada Owner has saved, just now:" in asked.text
        assert "Maier" in asked.text
