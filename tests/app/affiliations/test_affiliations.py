from __future__ import annotations

import re

from tests.firms import Firm
from tests.pages import form_values
from tests.records import add_company, add_contact, add_many, run_jobs


def test_a_company_is_found_again_however_it_is_spelt(acme: Firm) -> None:
    add_company(acme, name="Söhne KG")

    add_many(
        acme,
        "contact",
        [{"family_name": "A", "company": "SÖHNE KG"}, {"family_name": "B", "company": "Soehne KG"}],
    )

    page = acme.client().get(f"{acme.url}/companies").text
    assert page.count("data-row") == 1


def test_someone_can_work_for_several_companies_and_end_one(acme: Firm) -> None:
    contact_id = add_contact(acme, company="Hafen KG", role="Einkauf")
    client = acme.client()
    client.post(f"{acme.url}/contacts/{contact_id}/affiliations/new", data={"company": "Weingut", "role": "Beirat"})

    page = client.get(f"{acme.url}/contacts/{contact_id}").text
    assert "Hafen KG" in page
    assert "Weingut" in page

    end = re.search(r'action="([^"]*/affiliations/[^"]*/end)"', page)
    assert end is not None
    client.post(end.group(1))
    after = client.get(f"{acme.url}/contacts/{contact_id}").text
    assert after.count("No longer works there") == 1


def test_an_affiliation_needs_a_company(acme: Firm) -> None:
    contact_id = add_contact(acme)

    page = acme.client().post(f"{acme.url}/contacts/{contact_id}/affiliations/new", data={"company": ""})

    assert page.status_code == 422
    assert "Please fill this in." in page.text


def test_the_company_shows_its_people(acme: Firm) -> None:
    company_id = add_company(acme, name="Hafen KG")
    add_contact(acme, company="Hafen KG", role="Einkauf")

    page = acme.client().get(f"{acme.url}/companies/{company_id}").text

    assert "Jürgen Müller" in page
    assert "Einkauf" in page


def test_people_are_found_by_what_their_employer_is_called_now(acme: Firm) -> None:
    company_id = add_company(acme, name="Hafen KG")
    contact_id = add_contact(acme, company="Hafen KG")
    client = acme.client()
    client.post(f"{acme.url}/contacts/{contact_id}/affiliations/new", data={"company": "Weingut"})
    address = f"{acme.url}/companies/{company_id}/edit"

    client.post(address, data=form_values(client.get(address).text) | {"name": "Werft AG"})
    run_jobs(acme.app)

    for words, found in (("werft", True), ("weingut müller", True), ("hafen", False)):
        page = client.get(f"{acme.url}/contacts", query_string={"q": words}).text
        assert ("Jürgen Müller" in page) is found, words
