from __future__ import annotations

from tests.firms import Firm
from tests.programs import program
from tests.records import add_contact, add_many


def test_what_a_program_adds_is_there_for_people_too(acme: Firm) -> None:
    shop = program(acme)
    entered = {
        "given_name": " Anna ",
        "family_name": "Berg",
        "company": "Werft AG",
        "role": "Einkauf",
        "points": [
            {"kind": "email", "value": "anna@werft.example"},
            {"kind": "address", "street": "Am Kai 4", "postal_code": "20457", "city": "Hamburg"},
        ],
    }

    answer = shop.post(f"{acme.url}/api/v1/contacts", json=entered)

    assert answer.status_code == 201, answer.text
    contact = answer.json
    assert contact["given_name"] == "Anna"
    assert contact["company"] == "Werft AG"
    assert [point["value"] for point in contact["points"]] == ["anna@werft.example", "Am Kai 4, 20457 Hamburg"]
    assert answer.headers["Location"].endswith(contact["id"])
    page = acme.client().get(f"{acme.url}/contacts/{contact['id']}").text
    assert "Anna Berg" in page
    assert "Einkauf, Werft AG" in page


def test_a_list_is_read_to_its_end_by_cursor(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"Müller {number}"} for number in range(7)])
    shop, names, cursor = program(acme), [], ""

    while True:
        query = {"page_size": 3, "sort": "-name", **({"cursor": cursor} if cursor else {})}
        page = shop.get(f"{acme.url}/api/v1/contacts", query_string=query).json
        names += [contact["family_name"] for contact in page["items"]]
        cursor = page["next"]
        if not cursor:
            break

    assert names == [f"Müller {number}" for number in reversed(range(7))]


def test_a_list_is_searched_and_filtered_as_on_its_page(acme: Firm) -> None:
    add_contact(acme, family_name="Berg", email="berg@hafen.example")
    add_contact(acme, family_name="Tal")
    shop = program(acme)

    found = shop.get(f"{acme.url}/api/v1/contacts?q=berg@hafen").json

    assert [contact["family_name"] for contact in found["items"]] == ["Berg"]
