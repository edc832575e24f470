from __future__ import annotations

import re
from uuid import UUID

import pytest

from app.companies.models import Company
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


@pytest.mark.parametrize("form", ["contacts/new", "contacts/{contact}/affiliations/new", "affiliations/{job}/move"])
def test_the_beginning_of_a_known_name_makes_no_company_before_it_is_asked_which_is_meant(
    acme: Firm, form: str
) -> None:
    add_company(acme, name="Nordmann GmbH")
    contact_id = add_contact(acme, company="Werft AG")
    client = acme.client()
    job = re.search(r"/affiliations/([^/]+)/end", client.get(f"{acme.url}/contacts/{contact_id}").text)
    assert job
    address = f"{acme.url}/{form.format(contact=contact_id, job=job[1])}"
    typed = {**form_values(client.get(address).text), "family_name": "Nord", "company": "nordm", "role": "Lager"}

    asked = client.post(address, data=typed)

    assert asked.status_code == 422
    assert form_values(asked.text)["role"] == "Lager"
    assert companies(acme) == ["Nordmann GmbH", "Werft AG"]
    chosen = {**form_values(asked.text), "company-meant": "Nordmann GmbH"}
    answer = client.post(address, data=chosen, follow_redirects=True)
    assert "Nordmann GmbH" in answer.text
    assert companies(acme) == ["Nordmann GmbH", "Werft AG"]


def test_a_new_company_may_be_called_like_the_beginning_of_another(acme: Firm) -> None:
    add_company(acme, name="Nordmann GmbH")
    client, address = acme.client(), f"{acme.url}/contacts/{add_contact(acme)}/affiliations/new"
    asked = client.post(address, data={"company": "Nord"}).text

    answer = client.post(address, data={**form_values(asked), "company-meant": "Nord"})

    assert answer.status_code == 303
    assert companies(acme) == ["Nord", "Nordmann GmbH"]


def test_what_was_chosen_counts_for_the_name_for_which_it_was_asked(acme: Firm) -> None:
    add_company(acme, name="Nordmann GmbH")
    client, address = acme.client(), f"{acme.url}/contacts/{add_contact(acme)}/affiliations/new"
    asked = client.post(address, data={"company": "Nord"}).text

    client.post(address, data={**form_values(asked), "company": "Werft AG", "company-meant": "Nordmann GmbH"})

    assert companies(acme) == ["Nordmann GmbH", "Werft AG"]


def test_companies_are_offered_while_a_name_is_typed(acme: Firm) -> None:
    add_company(acme, name="Nordmann GmbH")
    client = acme.client()

    offered = client.get(f"{acme.url}/companies/named?q=nordm").text

    assert '<option value="Nordmann GmbH">' in offered
    assert f'data-suggest="{acme.url}/companies/named"' in client.get(f"{acme.url}/contacts/new").text


def companies(firm: Firm) -> list[str]:
    with firm.work() as session:
        return sorted(name for (name,) in session.query(Company.name))


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


def moving_form(firm: Firm, contact_id: UUID) -> tuple[str, str]:
    """(address, page) of the question what became of somebody's first job."""
    client = firm.client()
    found = re.search(r'href="([^"]*/affiliations/[^"]*/move)"', client.get(f"{firm.url}/contacts/{contact_id}").text)
    assert found is not None
    return found[1], client.get(found[1]).text


def test_somebody_moves_and_stays_the_same_person(acme: Firm) -> None:
    contact_id = add_contact(acme, company="Hafen KG", role="Einkauf", email="jm@hafen.example", mobile="0170 1234567")
    client = acme.client()
    address, page = moving_form(acme, contact_id)
    work = re.search(r'name="(end-[^"]+)" [^>]*checked><span>jm@hafen.example', page)
    assert work is not None

    answer = client.post(address, data={"company": "Werft AG", "role": "Leitung", "on": "2026-01-01", work[1]: "1"})

    shown = client.get(answer.location).text
    assert "Werft AG" in shown
    assert "Einkauf until 1 Jan 2026" in shown
    assert "E-mail until 1 Jan 2026" in shown
    assert "mailto:jm@hafen.example" not in shown
    assert "tel:+491701234567" in shown
    for words in ("jm@hafen", "hafen kg", "werft"):
        assert str(contact_id) in client.get(f"{acme.url}/contacts?q={words}").text


def test_nobody_leaves_before_the_job_began(acme: Firm) -> None:
    contact_id = add_contact(acme, company="Hafen KG")
    client = acme.client()
    address, _ = moving_form(acme, contact_id)
    edit = address.replace("/move", "/edit")
    client.post(edit, data=form_values(client.get(edit).text) | {"since": "2025-05-01"})
    shown = form_values(client.get(edit).text)

    refused = client.post(address, data={"company": "Werft AG", "role": "", "on": "2025-05-01"})
    turned = client.post(edit, data=shown | {"until": "2025-04-01"})
    nonsense = client.post(edit, data=shown | {"since": "gestern"})

    assert [answer.status_code for answer in (refused, turned, nonsense)] == [422, 422, 422]
    assert "This ends before it began." in refused.text
    assert "This is not a day." in nonsense.text
    assert "Werft" not in client.get(f"{acme.url}/contacts/{contact_id}").text


def test_somebody_returns_to_a_former_employer(acme: Firm) -> None:
    contact_id = add_contact(acme, company="Hafen KG", role="Azubi")
    client = acme.client()
    address, _ = moving_form(acme, contact_id)
    client.post(address, data={"company": "Werft AG", "role": "", "on": "2024-01-01"})
    client.post(f"{acme.url}/contacts/{contact_id}/affiliations/new", data={"company": "Hafen KG", "role": "Leitung"})

    page = client.get(f"{acme.url}/contacts/{contact_id}").text

    assert "Azubi until 1 Jan 2024" in page
    assert page.count("<b>Hafen KG</b>") == 2
