from __future__ import annotations

from sqlalchemy import text

from tests.firms import Firm
from tests.pages import form_values
from tests.records import add_contact


def history(firm: Firm, contact_id: object) -> str:
    return firm.client().get(f"{firm.url}/contacts/{contact_id}?show=timeline").text


def test_the_history_says_who_changed_what_from_what_to_what(acme: Firm) -> None:
    contact_id = add_contact(acme, phone="040 66969 123")
    client = acme.client()
    address = f"{acme.url}/contacts/{contact_id}/edit"
    form = form_values(client.get(address).text) | {"family_name": "Maier", "points-0-value": "040 66969 555"}
    client.post(address, data=form)

    told = history(acme, contact_id)

    assert "Ada Owner" in told
    assert "<dt>Last name</dt>" in told
    assert "<del>Müller</del>" in told
    assert "<ins>Maier</ins>" in told
    assert "<del>040 66969 123</del>" in told
    assert "<ins>040 66969 555</ins>" in told


def test_a_change_by_plain_sql_is_in_the_history_too(acme: Firm) -> None:
    contact_id = add_contact(acme)
    with acme.work() as session:
        session.execute(text("UPDATE contacts SET family_name = 'Schmidt'"))

    assert "<ins>Schmidt</ins>" in history(acme, contact_id)


def test_a_number_that_was_removed_is_named(acme: Firm) -> None:
    contact_id = add_contact(acme, phone="040 66969 123")
    client = acme.client()
    address = f"{acme.url}/contacts/{contact_id}/edit"
    client.post(address, data=form_values(client.get(address).text) | {"points-0-remove": "1"})

    assert "<del>040 66969 123</del>" in history(acme, contact_id)


def test_changes_of_one_save_are_told_as_one_entry(acme: Firm) -> None:
    contact_id = add_contact(acme, phone="040 66969 123", email="a@b.example", company="Hafen", role="Einkauf")

    told = history(acme, contact_id)

    assert told.count("timeline-head") == 1
    assert "Entered" in told
