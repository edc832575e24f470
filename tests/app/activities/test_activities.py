from __future__ import annotations

import re

from tests.firms import Firm, counted_statements
from tests.records import add_company, add_contact


def test_a_call_noted_on_a_contact_is_on_the_contacts_and_the_employers_timeline(acme: Firm) -> None:
    company_id = add_company(acme)
    contact_id = add_contact(acme, company="Hafen & Söhne KG")
    client = acme.client()

    client.post(
        f"{acme.url}/activities/contact/{contact_id}",
        data={"kind": "call", "text": "Wants a quote\nby Friday."},
    )

    for address in (f"contacts/{contact_id}", f"companies/{company_id}"):
        page = client.get(f"{acme.url}/{address}").text
        assert "Wants a quote" in page
        assert "Ada Owner" in page


def test_an_empty_note_is_not_kept(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()

    page = client.post(
        f"{acme.url}/activities/contact/{contact_id}",
        data={"kind": "note", "text": "  "},
        follow_redirects=True,
    )

    assert "Please write down what happened." in page.text
    assert "timeline-text" not in page.text


def test_an_entry_is_corrected_deleted_and_taken_back(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()
    client.post(f"{acme.url}/activities/contact/{contact_id}", data={"kind": "note", "text": "Frist"})
    page = client.get(f"{acme.url}/contacts/{contact_id}").text
    entry = re.search(rf"{acme.url}/activities/([0-9a-f-]{{36}})/edit", page)
    assert entry is not None
    address = f"{acme.url}/activities/{entry.group(1)}"

    client.post(f"{address}/edit", data={"text": "First", "version": "1"})
    assert "First" in client.get(f"{acme.url}/contacts/{contact_id}").text

    gone = client.post(f"{address}/delete", follow_redirects=True).text
    assert "The entry is deleted." in gone
    assert '<p class="timeline-text">First' not in gone

    back = client.post(f"{address}/restore", follow_redirects=True).text
    assert "First" in back


def test_another_firms_contact_takes_no_note(acme: Firm, globex: Firm) -> None:
    contact_id = add_contact(acme)

    answer = globex.client().post(f"{globex.url}/activities/contact/{contact_id}", data={"kind": "note", "text": "x"})

    assert answer.status_code == 404


def test_a_record_page_takes_few_statements_however_much_happened(acme: Firm) -> None:
    contact_id = add_contact(acme, company="Hafen", phone="040 66969 1", email="a@b.example")
    client = acme.client()
    for number in range(30):
        client.post(f"{acme.url}/activities/contact/{contact_id}", data={"kind": "note", "text": f"Note {number}"})

    with counted_statements(acme.app) as statements:
        page = client.get(f"{acme.url}/contacts/{contact_id}")

    assert "Note 29" in page.text
    assert len(statements) <= 9


def test_older_entries_are_one_click_away(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()
    for number in range(45):
        client.post(f"{acme.url}/activities/contact/{contact_id}", data={"kind": "note", "text": f"Note <{number}>"})

    first = client.get(f"{acme.url}/contacts/{contact_id}").text
    assert "Note &lt;44&gt;" in first
    assert "Note &lt;2&gt;" not in first

    older = re.search(r'href="([^"]*before=[^"]*)"', first)
    assert older is not None
    assert "Note &lt;2&gt;" in client.get(older.group(1).replace("&amp;", "&")).text
