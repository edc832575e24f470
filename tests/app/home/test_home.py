from __future__ import annotations

from tests.firms import Firm, counted_statements
from tests.records import add_company, add_contact


def test_an_empty_account_is_told_where_to_begin(acme: Firm) -> None:
    page = acme.client().get(f"{acme.url}/").text

    assert "Enter your first contact" in page


def test_home_shows_what_changed_last_across_all_kinds(acme: Firm) -> None:
    add_company(acme, name="First GmbH")
    client = acme.client()
    client.get(f"{acme.url}/")
    add_contact(acme)

    with counted_statements(acme.app) as statements:
        page = client.get(f"{acme.url}/").text

    assert page.index("Jürgen Müller") < page.index("First GmbH")
    assert len(statements) <= 5
