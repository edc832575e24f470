from __future__ import annotations

from tests.firms import Firm
from tests.pages import form_values
from tests.records import add_company, add_contact


def test_a_company_is_entered_found_and_edited(acme: Firm) -> None:
    client = acme.client()
    entered = {
        "name": "Weiß & Söhne GmbH",
        "industry": "Tischlerei",
        "points-0-kind": "phone",
        "points-0-label": "work",
        "points-0-value": "0221 4710 555",
    }

    page = client.post(f"{acme.url}/companies/new", data=entered, follow_redirects=True)
    assert "Weiß &amp; Söhne GmbH" in page.text
    assert "0221 4710 555" in page.text

    for words in ("weiss", "tischler", "+49 221 4710555"):
        assert "Weiß" in client.get(f"{acme.url}/companies", query_string={"q": words}).text, words

    address = page.request.path + "/edit"
    client.post(address, data=form_values(client.get(address).text) | {"name": "Weiß AG"})
    assert "Weiß AG" in client.get(f"{acme.url}/companies").text


def test_a_company_needs_a_name(acme: Firm) -> None:
    page = acme.client().post(f"{acme.url}/companies/new", data={"name": "  "})

    assert page.status_code == 422
    assert "Please fill this in." in page.text


def test_a_new_contact_can_begin_at_the_company(acme: Firm) -> None:
    company_id = add_company(acme, name="Hafen KG")
    client = acme.client()

    page = client.get(f"{acme.url}/companies/{company_id}").text
    assert f"{acme.url}/contacts/new?company=Hafen" in page

    form = client.get(f"{acme.url}/contacts/new", query_string={"company": "Hafen KG"}).text
    assert form_values(form)["company"] == "Hafen KG"


def test_a_company_in_the_recycle_bin_is_on_no_contacts_page(acme: Firm) -> None:
    company_id = add_company(acme, name="Hafen KG")
    contact_id = add_contact(acme, company="Hafen KG")
    client = acme.client()

    client.post(f"{acme.url}/companies/{company_id}/delete")

    assert "Hafen KG" not in client.get(f"{acme.url}/contacts/{contact_id}?show=activities").text
    assert "Hafen KG" not in client.get(f"{acme.url}/contacts").text
