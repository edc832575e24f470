"""What a page may cost: statements, the same for few and for many rows, and bytes on the wire."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.activities import actions as activities
from app.activities.models import ActivityKind
from app.core.entities import EntityRef
from tenants import clock
from tests.firms import Firm, counted_statements
from tests.pages import form_values
from tests.programs import program
from tests.records import add_many

KIBIBYTE = 1024
PAGE_BYTES = 30 * KIBIBYTE


def fill(firm: Firm, rows: int) -> str:
    """So many contacts, each in a company of its own; the id of the first."""
    people = [
        {
            "given_name": "Jürgen",
            "family_name": f"Müller {number}",
            "email": f"j{number}@firma{number}.example",
            "phone": f"040 66969 {number:03}",
            "city": "Hamburg",
            "company": f"Firma {number}",
            "role": "Einkauf",
        }
        for number in range(rows)
    ]
    return str(add_many(firm, "contact", people)[0])


def note(firm: Firm, contact_id: str, *, times: int) -> None:
    about = EntityRef("contact", UUID(contact_id))
    with firm.work():
        for _ in range(times):
            activities.record(ActivityKind.NOTE, body="A sample is promised.", about=about, at=clock.now())


def statements(firm: Firm, visitor: FlaskClient, address: str, form: dict[str, str] | None = None) -> int:
    if form is None:
        # What a process keeps for a minute is asked by the first visit only.
        visitor.get(address)
    with counted_statements(firm.app) as counted:
        answer = visitor.get(address) if form is None else visitor.post(address, data=form)
    assert answer.status_code in (200, 303), answer.text[:300]
    return len(counted)


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        ("contacts", 5),
        ("contacts?q=mül", 5),
        ('contacts?where={"field":"city","op":"is","value":"Hamburg"}&columns=city,own_salutation', 5),
        ("companies", 5),
        ("complaints", 5),
        ("search?q=mül", 6),
        ("recycle-bin", 4),
        ("imports", 4),
    ],
)
def test_a_page_takes_as_few_statements_for_a_hundred_rows_as_for_one(acme: Firm, path: str, budget: int) -> None:
    visitor = acme.client()

    fill(acme, 1)
    for_one = statements(acme, visitor, f"{acme.url}/{path}")
    fill(acme, 100)
    for_many = statements(acme, visitor, f"{acme.url}/{path}")

    assert for_one == for_many
    assert for_many <= budget


def test_a_record_takes_as_few_statements_with_a_long_history(acme: Firm) -> None:
    contact_id = fill(acme, 1)
    visitor, address = acme.client(), f"{acme.url}/contacts/{contact_id}"

    note(acme, contact_id, times=1)
    for_one = statements(acme, visitor, address)
    note(acme, contact_id, times=100)
    for_many = statements(acme, visitor, address)

    assert for_one == for_many
    assert for_many <= 7


def test_home_takes_as_few_statements_when_much_has_happened(acme: Firm) -> None:
    """Put together anew, as after each change; until the next one it is kept."""
    visitor, address = acme.client(), f"{acme.url}/"

    for_one = _statements_after_a_change(acme, visitor, address, fill(acme, 1))
    many = fill(acme, 100)
    note(acme, many, times=100)
    for_many = _statements_after_a_change(acme, visitor, address, many)

    assert for_one == for_many
    assert for_many <= 5


def _statements_after_a_change(firm: Firm, visitor: FlaskClient, address: str, contact_id: str) -> int:
    visitor.get(address)
    note(firm, contact_id, times=1)
    with counted_statements(firm.app) as counted:
        assert visitor.get(address).status_code == 200
    return len(counted)


def test_a_company_takes_as_few_statements_with_many_people(acme: Firm) -> None:
    company_id = add_many(acme, "company", [{"name": "Werft AG"}])[0]
    visitor, address = acme.client(), f"{acme.url}/companies/{company_id}"

    add_many(acme, "contact", [{"family_name": "Neu", "company": "Werft AG"}])
    for_one = statements(acme, visitor, address)
    add_many(acme, "contact", [{"family_name": f"Neu {n}", "company": "Werft AG"} for n in range(100)])
    for_many = statements(acme, visitor, address)

    assert for_one == for_many
    assert for_many <= 7


def test_creating_and_editing_take_few_statements(acme: Firm) -> None:
    contact_id = fill(acme, 1)
    visitor = acme.client()
    entered = {
        "family_name": "Neu",
        "company": "Werft AG",
        "points-0-kind": "email",
        "points-0-label": "work",
        "points-0-value": "neu@werft.example",
    }
    address = f"{acme.url}/contacts/{contact_id}/edit"
    edited = form_values(visitor.get(address).text) | {"family_name": "Anders"}

    created = statements(acme, visitor, f"{acme.url}/contacts/new", entered)
    saved = statements(acme, visitor, address, edited)

    # The first is who knocks, on a connection of its own; one asks who may be here already, one whether a known company
    # is meant before a new one is made, and a contact with a new company writes four tables.
    assert created <= 8
    assert saved <= 6


@pytest.mark.parametrize(
    ("path", "budget"), [("contacts", 4), ("contacts?q=mül", 4), ("companies", 3), ("affiliations", 3), ("changes", 2)]
)
def test_a_program_is_answered_in_as_few_statements_for_a_hundred_rows_as_for_one(
    acme: Firm, path: str, budget: int
) -> None:
    shop = program(acme)

    fill(acme, 1)
    for_one = statements(acme, shop, f"{acme.url}/api/v1/{path}")
    fill(acme, 100)
    for_many = statements(acme, shop, f"{acme.url}/api/v1/{path}")

    assert for_one == for_many
    assert for_many <= budget


def test_what_a_program_adds_and_changes_takes_few_statements(acme: Firm) -> None:
    shop, address = program(acme), f"{acme.url}/api/v1/contacts"
    entered = {"family_name": "Neu", "company": "Werft AG", "points": [{"kind": "email", "value": "n@werft.example"}]}
    contact_id = shop.post(address, json=entered).json["id"]

    with counted_statements(acme.app) as created:
        shop.post(address, json=entered)
    with counted_statements(acme.app) as changed:
        shop.patch(f"{address}/{contact_id}", json={"title": "Dr."}, headers={"If-Match": "*"})

    # What it has become is read again for the answer, in two statements.
    assert len(created) <= 7
    assert len(changed) <= 7


@pytest.mark.parametrize("path", ["contacts", "companies", "contacts/{id}", "contacts/{id}/edit", "search?q=mül", ""])
def test_a_page_weighs_little_on_the_wire(acme: Firm, path: str) -> None:
    contact_id = fill(acme, 60)
    note(acme, contact_id, times=50)

    answer = acme.client().get(f"{acme.url}/{path.format(id=contact_id)}", headers={"Accept-Encoding": "br"})

    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) <= PAGE_BYTES
