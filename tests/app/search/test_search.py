from __future__ import annotations

from tenants.models import Role
from tests.firms import Firm, counted_statements, ring, visitor_with_role
from tests.records import add_company, add_contact, add_many


def test_one_box_finds_contacts_and_companies(acme: Firm) -> None:
    add_company(acme, name="Müller Bau GmbH")
    add_contact(acme, phone="040 66969 123")
    client = acme.client()

    page = client.get(f"{acme.url}/search?q=mueller").text
    assert "Müller Bau GmbH" in page
    assert "Jürgen Müller" in page

    page = client.get(f"{acme.url}/search", query_string={"q": "+49 40 66969-123"}).text
    assert "Jürgen Müller" in page
    assert "Müller Bau GmbH" not in page


def test_nothing_found_says_so_and_shows_what_was_typed_as_text(acme: Firm) -> None:
    page = acme.client().get(f"{acme.url}/search", query_string={"q": "<b>x</b>"}).text

    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_searching_takes_a_bounded_number_of_statements(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"Meier {i}", "company": f"Meier {i} KG"} for i in range(60)])
    client = acme.client()
    ring(acme)

    with counted_statements(acme.app) as statements:
        page = client.get(f"{acme.url}/search?q=meier")

    assert page.text.count("data-row") == 24
    assert len(statements) <= 7


def test_the_box_also_leads_to_pages_and_actions(acme: Firm) -> None:
    client = acme.client()

    assert f'href="{acme.url}/contacts/new"' in client.get(f"{acme.url}/search?q=new").text
    assert f'href="{acme.url}/contacts/new"' in client.get(f"{acme.url}/search").text
    assert f'href="{acme.url}/imports"' in client.get(f"{acme.url}/search?q=imp").text


def test_nobody_is_led_to_what_they_may_not_do(acme: Firm) -> None:
    with visitor_with_role(acme, Role.READER) as reader:
        page = reader.get(f"{acme.url}/search?q=new").text

    assert f'href="{acme.url}/contacts/new"' not in page


def test_what_begins_with_the_words_comes_first(acme: Firm) -> None:
    add_many(acme, "contact", [{"given_name": "Zoe", "family_name": "Meier"}, {"family_name": "Altmeier"}])
    add_many(acme, "contact", [{"given_name": str(i), "family_name": "Bachmeier"} for i in range(20)])

    page = acme.client().get(f"{acme.url}/search?q=meier").text

    assert page.index("Zoe Meier") < page.index("Altmeier")


def test_a_name_typed_without_its_umlaut_comes_before_names_that_only_contain_it(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"Altmuller {n}"} for n in range(3)])
    add_contact(acme)

    page = acme.client().get(f"{acme.url}/search?q=Muller").text

    assert page.index("Jürgen Müller") < page.index("Altmuller 0")


def test_a_group_with_more_hits_leads_to_all_of_them(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"Meier {n}"} for n in range(22)])
    add_company(acme, name="Meier KG")

    page = acme.client().get(f"{acme.url}/search?q=meier").text

    assert page.count("data-row") == 13
    assert f'href="{acme.url}/contacts?q=meier"' in page
    assert f'href="{acme.url}/companies?q=meier"' not in page
