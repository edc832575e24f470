"""What a page may cost: statements, the same for few and for many rows, and bytes on the wire."""

from __future__ import annotations

import pytest

from tests.firms import Firm, Visitor, counted_statements
from tests.pages import form_values
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


def statements(firm: Firm, visitor: Visitor, address: str, form: dict[str, str] | None = None) -> int:
    with counted_statements(firm.app) as counted:
        answer = visitor.get(address) if form is None else visitor.post(address, data=form)
    assert answer.status_code in (200, 303), answer.text[:300]
    return len(counted)


@pytest.mark.parametrize("rows", [1, 100])
@pytest.mark.parametrize(
    ("path", "budget"),
    [("contacts", 5), ("contacts?q=mül", 5), ("companies", 5), ("search?q=mül", 6), ("", 6), ("recycle-bin", 4)],
)
def test_a_page_of_many_takes_few_statements(acme: Firm, path: str, budget: int, rows: int) -> None:
    fill(acme, rows)
    visitor = acme.client()

    assert statements(acme, visitor, f"{acme.url}/{path}") <= budget


@pytest.mark.parametrize("rows", [1, 100])
def test_a_record_takes_few_statements(acme: Firm, rows: int) -> None:
    contact_id = fill(acme, rows)

    assert statements(acme, acme.client(), f"{acme.url}/contacts/{contact_id}") <= 7


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

    # The first is who knocks, on a connection of its own; a contact with a new company writes four tables.
    assert created <= 6
    assert saved <= 6


@pytest.mark.parametrize("path", ["contacts", "companies", "contacts/{id}", "contacts/{id}/edit", "search?q=mül", ""])
def test_a_page_weighs_little_on_the_wire(acme: Firm, path: str) -> None:
    contact_id = fill(acme, 60)

    answer = acme.client().get(f"{acme.url}/{path.format(id=contact_id)}", headers={"Accept-Encoding": "br"})

    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) <= PAGE_BYTES
