from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.firms import Firm, counted_statements
from tests.records import add_company, add_contact


def write(firm: Firm, record_id: UUID, **typed: str) -> str:
    """What the box answers, followed to the page that it leads to."""
    address = f"{firm.url}/activities/contact/{record_id}"
    return firm.client().post(address, data={"kind": "note", **typed}, follow_redirects=True).text


@pytest.mark.parametrize(("kind", "label"), [("meeting", "Meeting"), ("email", "E-mail"), ("call", "Call")])
def test_what_happened_yesterday_is_told_as_yesterdays(acme: Firm, kind: str, label: str) -> None:
    contact_id = add_contact(acme)
    write(acme, contact_id, text="Today's note.")

    page = write(acme, contact_id, kind=kind, text="On the old fair.", when="2020-02-29T14:20")

    assert re.search(rf"<b>{label}</b>.*29 Feb 2020", page)
    assert page.index("Today&#39;s note.") < page.index("On the old fair.")


def test_a_time_is_that_of_the_firms_own_clocks(acme: Firm) -> None:
    page = write(acme, add_contact(acme), kind="call", text="Called.", when="2020-07-01T14:20")

    assert '<time datetime="2020-07-01T12:20:00+00:00"' in page


def test_what_is_refused_comes_back_on_the_records_own_page(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()

    typed = {"kind": "call", "text": "The whole long story.", "when": "some day"}
    answer = client.post(f"{acme.url}/activities/contact/{contact_id}", data=typed)

    assert answer.status_code == 422
    assert "<h1>Jürgen Müller</h1>" in answer.text
    assert ">The whole long story.</textarea>" in answer.text
    assert "This is not a day with a time." in answer.text
    assert re.search(r'value="call" checked', answer.text)
    assert f'href="{acme.url}/contacts/{contact_id}?show=timeline"' in answer.text
    assert "The whole long story." not in client.get(f"{acme.url}/contacts/{contact_id}").text


@pytest.mark.parametrize("when", ["0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00"])
def test_a_time_that_there_is_not_is_refused(acme: Firm, when: str) -> None:
    page = write(acme, add_contact(acme), kind="call", text="Long ago.", when=when)

    assert "This is not a day with a time." in page
    assert "timeline-text" not in page


def test_an_entry_leads_to_a_record_that_is_still_there(acme: Firm) -> None:
    contact_id = add_contact(acme, company="Hafen & Söhne KG")
    entry = re.search(r"/activities/([0-9a-f-]{36})/edit", write(acme, contact_id, text="About both."))
    assert entry is not None
    client = acme.client()
    client.post(f"{acme.url}/contacts/{contact_id}/delete")

    page = client.get(f"{acme.url}/activities/{entry.group(1)}/edit").text

    assert f"{acme.url}/companies/" in page
    assert f"{acme.url}/contacts/{contact_id}" not in page


def test_an_unknown_kind_is_not_kept(acme: Firm) -> None:
    page = write(acme, add_contact(acme), kind="rumour", text="Said somebody.")

    assert "Please choose one of the entries." in page
    assert ">Said somebody.</textarea>" in page


def test_an_entry_is_put_on_another_timeline_and_taken_off_again(acme: Firm) -> None:
    contact_id, company_id = add_contact(acme), add_company(acme, name="Werft AG")
    client = acme.client()
    entry = re.search(r"/activities/([0-9a-f-]{36})/edit", write(acme, contact_id, text="About both."))
    assert entry is not None
    links = f"{acme.url}/activities/{entry.group(1)}/links"

    found = client.get(f"{links}?q=werft").text
    assert f'action="{links}/company/{company_id}"' in found
    client.post(f"{links}/company/{company_id}")
    client.post(f"{links}/company/{company_id}")
    assert "About both." in client.get(f"{acme.url}/companies/{company_id}").text
    assert "About both." in client.get(f"{acme.url}/contacts/{contact_id}").text

    client.post(f"{links}/company/{company_id}/delete")
    assert "About both." not in client.get(f"{acme.url}/companies/{company_id}").text


def test_an_entry_is_never_on_no_timeline_at_all(acme: Firm) -> None:
    contact_id = add_contact(acme)
    entry = re.search(r"/activities/([0-9a-f-]{36})/edit", write(acme, contact_id, text="Stays."))
    assert entry is not None
    client = acme.client()

    answer = client.post(f"{acme.url}/activities/{entry.group(1)}/links/contact/{contact_id}/delete")

    assert answer.status_code == 409
    assert "Stays." in client.get(f"{acme.url}/contacts/{contact_id}").text


def test_an_entry_with_a_mention_takes_few_statements(acme: Firm) -> None:
    contact_id = add_contact(acme, company="Hafen & Söhne KG")
    client, address = acme.client(), f"{acme.url}/activities/contact/{contact_id}"

    for kind in ("note", "task"):
        with counted_statements(acme.app) as statements:
            client.post(address, data={"kind": kind, "text": "Look at it, @Ada, please."})
        assert len(statements) <= 6
