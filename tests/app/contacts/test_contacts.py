from __future__ import annotations

import re

import pytest

from app.core.markup import avatar
from tenants.db import Versioned
from tests.firms import Firm
from tests.pages import form_values
from tests.records import add_company, add_contact

FULL = {
    "given_name": "Jürgen",
    "family_name": "Müller",
    "salutation": "mr",
    "company": "Hafen & Söhne KG",
    "role": "Einkauf",
    "points-0-kind": "phone",
    "points-0-label": "work",
    "points-0-value": "040 66969-123",
    "points-1-kind": "email",
    "points-1-label": "work",
    "points-1-value": "Juergen@Hafen.example",
    "points-2-kind": "address",
    "points-2-label": "work",
    "points-2-street": "Kai 7",
    "points-2-postal_code": "20457",
    "points-2-city": "Hamburg",
}


def test_a_contact_is_entered_with_everything_in_one_form(acme: Firm) -> None:
    client = acme.client()

    page = client.post(f"{acme.url}/contacts/new", data=FULL, follow_redirects=True)

    assert page.status_code == 200
    for text in ("Jürgen Müller", "040 66969-123", "Hafen &amp; Söhne KG", "Einkauf", "Kai 7, 20457 Hamburg"):
        assert text in page.text
    assert 'href="tel:+494066969123"' in page.text


def test_a_contact_without_any_name_is_refused_and_nothing_typed_is_lost(acme: Firm) -> None:
    client = acme.client()

    page = client.post(f"{acme.url}/contacts/new", data={**FULL, "given_name": "", "family_name": " "})

    assert page.status_code == 422
    assert "A contact needs a first name or a last name." in page.text
    assert "040 66969-123" in page.text
    assert "No contacts yet" in client.get(f"{acme.url}/contacts").text


def test_what_is_wrong_stands_under_its_field(acme: Firm) -> None:
    page = acme.client().post(
        f"{acme.url}/contacts/new",
        data={**FULL, "points-1-value": "not an address", "points-0-value": "none"},
    )

    assert page.status_code == 422
    assert "This is not an e-mail address." in page.text
    assert "This is not a phone number." in page.text


def test_a_row_can_be_added_without_javascript(acme: Firm) -> None:
    page = acme.client().post(f"{acme.url}/contacts/new", data={**FULL, "add_point": "web"})

    assert "points-3-value" in page.text
    assert "040 66969-123" in page.text


def test_editing_keeps_adds_changes_and_removes_ways_to_reach(acme: Firm) -> None:
    contact_id = add_contact(acme, phone="040 66969 123", email="a@b.example")
    client = acme.client()
    form = form_values(client.get(f"{acme.url}/contacts/{contact_id}/edit").text)
    form |= {"points-1-value": "040 66969 999", "points-0-remove": "1"}
    form |= {"points-2-kind": "email", "points-2-label": "private", "points-2-value": "new@b.example"}

    page = client.post(f"{acme.url}/contacts/{contact_id}/edit", data=form, follow_redirects=True)

    assert page.status_code == 200
    facts = page.text.partition('class="record-body"')[0]
    assert "040 66969 999" in facts
    assert "new@" in facts
    assert "a@" not in facts
    assert "No" not in client.get(f"{acme.url}/contacts?q=4066969999").text.partition("Nothing found")[1]


def test_two_people_who_edit_one_contact_lose_nothing(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()
    address = f"{acme.url}/contacts/{contact_id}/edit"
    mine = form_values(client.get(address).text) | {"given_name": "Mine"}
    theirs = form_values(client.get(address).text) | {"given_name": "Theirs"}
    client.post(address, data=theirs)

    page = client.post(address, data=mine)

    assert page.status_code == 409
    assert "Ada Owner has changed this meanwhile: First name." in page.text
    assert 'value="Mine"' in page.text
    assert "Theirs" in client.get(f"{acme.url}/contacts/{contact_id}").text


def test_two_requests_at_the_same_moment_are_told_apart(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.core import records
    from tenants import engines

    contact_id = add_contact(acme)

    def outrun(record: Versioned) -> None:
        with engines.provisioner() as connection:
            connection.execute(f"UPDATE {acme.scope.pg_schema}.contacts SET version = version + 1".encode())
        discard(record)

    discard = records.discard
    monkeypatch.setattr(records, "discard", outrun)

    page = acme.client().post(f"{acme.url}/contacts/{contact_id}/delete")

    assert page.status_code == 409
    assert "Somebody else has changed this" in page.text
    assert acme.client().get(f"{acme.url}/contacts/{contact_id}").status_code == 200


def test_a_deleted_contact_can_be_taken_back(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()

    deleted = client.post(f"{acme.url}/contacts/{contact_id}/delete", follow_redirects=True)
    assert "The contact is in the recycle bin." in deleted.text
    assert client.get(f"{acme.url}/contacts/{contact_id}").status_code == 404
    assert "Jürgen Müller" in client.get(f"{acme.url}/recycle-bin").text

    client.post(f"{acme.url}/recycle-bin/contact/{contact_id}/restore")
    assert client.get(f"{acme.url}/contacts/{contact_id}").status_code == 200


def test_hostile_text_is_shown_as_text(acme: Firm) -> None:
    contact_id = add_contact(acme, given_name="<script>alert(1)</script>", family_name="{{7*7}}\u202e")

    page = acme.client().get(f"{acme.url}/contacts/{contact_id}").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "{{7*7}}" in page


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Dr. Nele Brinkmann", "NB"),
        ("Prof. Dr. med. Nele Brinkmann", "NB"),
        ("Dipl.-Ing. Brinkmann", "B"),
        ("N. Brinkmann", "NB"),
        ("Dr. Oetker GmbH", "OG"),
        ("Dr.", ""),
    ],
)
def test_titles_do_not_count_among_the_initials(name: str, initials: str) -> None:
    assert f">{initials}<" in avatar(name)


def test_a_contact_looks_the_same_in_the_list_and_on_its_page(acme: Firm) -> None:
    contact_id = add_contact(acme, title="Dr.", given_name="Nele", family_name="Brinkmann")
    client = acme.client()

    pages = [client.get(f"{acme.url}/contacts{path}").text for path in ("", f"/{contact_id}")]

    hues = [re.search(r'class="avatar[^"]*(hue-\d+)" aria-hidden="true">NB<', page) for page in pages]
    assert hues[0]
    assert hues[1]
    assert hues[0][1] == hues[1][1]


@pytest.mark.parametrize(
    "typed",
    [
        {"given_name": "JUERGEN", "family_name": "Müller"},
        {
            "family_name": "Somebody",
            "points-0-kind": "email",
            "points-0-label": "work",
            "points-0-value": "J@x.example",
        },
    ],
)
def test_who_enters_somebody_that_may_be_here_already_is_asked_once(acme: Firm, typed: dict[str, str]) -> None:
    known = add_contact(acme, email="j@x.example", company="Hafen KG")
    client, address = acme.client(), f"{acme.url}/contacts/new"

    asked = client.post(address, data=form_values(client.get(address).text) | typed)
    sent = client.post(address, data=form_values(asked.text))

    assert asked.status_code == 409
    assert "This may be here already:" in asked.text
    assert f'href="{acme.url}/contacts/{known}"' in asked.text
    assert "Hafen KG" in asked.text
    assert "Save all the same" in asked.text
    assert sent.status_code == 303
    assert sent.location != f"{acme.url}/contacts/{known}"


def test_who_enters_a_company_that_may_be_here_already_is_asked_and_strangers_say_nothing(
    acme: Firm, globex: Firm
) -> None:
    add_company(acme, name="Bäckerei Süß")
    gone = add_company(acme, name="Hafen KG")
    acme.client().post(f"{acme.url}/companies/{gone}/delete")

    asked = acme.client().post(f"{acme.url}/companies/new", data={"name": "Baeckerei Süß"})
    new = acme.client().post(f"{acme.url}/companies/new", data={"name": "Hafen KG"})
    elsewhere = globex.client().post(f"{globex.url}/companies/new", data={"name": "Bäckerei Süß"})

    assert asked.status_code == 409
    assert new.status_code == elsewhere.status_code == 303
