"""What somebody opened last stands where one searches, before anything is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.colleagues import colleague, only_owners
from tests.firms import Firm, Visitor, counted_statements, visitor_with_role
from tests.records import add_company, add_contact, add_many


@pytest.fixture
def busy(acme: Firm) -> Iterator[Firm]:
    yield acme
    only_owners(acme)


def opened(firm: Firm, visitor: Visitor) -> list[str]:
    page = visitor.get(f"{firm.url}/search").text
    found = re.search(r"<h2>Opened last</h2>(.*?)</section>", page, re.DOTALL)
    return re.findall(r"<b>([^<]*)</b>", found[1]) if found else []


def look_at(firm: Firm, visitor: Visitor, kind: str, record_id: object, **headers: str) -> None:
    assert visitor.get(f"{firm.url}/{kind}/{record_id}", headers=headers).status_code == 200


def test_the_record_that_was_opened_last_comes_first_and_only_once(busy: Firm) -> None:
    visitor = busy.client()
    contact, company = add_contact(busy), add_company(busy)

    look_at(busy, visitor, "contacts", contact)
    look_at(busy, visitor, "companies", company)
    assert opened(busy, visitor) == ["Hafen &amp; Söhne KG", "Jürgen Müller"]
    look_at(busy, visitor, "contacts", contact)

    assert opened(busy, visitor) == ["Jürgen Müller", "Hafen &amp; Söhne KG"]
    assert "Opened last" not in visitor.get(f"{busy.url}/search?q=m").text


def test_no_more_than_twenty_are_remembered(busy: Firm) -> None:
    visitor = busy.client()
    for record_id in add_many(busy, "contact", [{"family_name": f"N{number:02}"} for number in range(22)]):
        look_at(busy, visitor, "contacts", record_id)

    assert opened(busy, visitor) == [f"N{number:02}" for number in range(21, 1, -1)]


def test_what_was_deleted_is_gone_and_what_others_opened_is_theirs(busy: Firm) -> None:
    visitor, other = busy.client(), colleague(busy).client()
    contact, company = add_contact(busy), add_company(busy)
    look_at(busy, visitor, "contacts", contact)
    look_at(busy, visitor, "companies", company)

    visitor.post(f"{busy.url}/contacts/{contact}/delete")

    assert opened(busy, visitor) == ["Hafen &amp; Söhne KG"]
    assert opened(busy, other) == []


def test_what_a_browser_fetched_ahead_was_not_opened(busy: Firm) -> None:
    visitor, contact = busy.client(), add_contact(busy)

    look_at(busy, visitor, "contacts", contact, **{"X-Sec-Purpose": "prefetch"})

    assert opened(busy, visitor) == []


def test_a_page_that_is_not_there_is_not_remembered(busy: Firm) -> None:
    visitor, contact = busy.client(), add_contact(busy)
    visitor.post(f"{busy.url}/contacts/{contact}/delete")

    assert visitor.get(f"{busy.url}/contacts/{contact}").status_code == 404
    assert opened(busy, visitor) == []


def test_firms_remember_apart(busy: Firm, globex: Firm) -> None:
    look_at(busy, busy.client(), "contacts", add_contact(busy))

    assert opened(globex, globex.client()) == []


def test_a_reader_sees_what_a_reader_opened(busy: Firm) -> None:
    contact = add_contact(busy)
    with visitor_with_role(busy, "reader") as reader:
        look_at(busy, reader, "contacts", contact)

        assert opened(busy, reader) == ["Jürgen Müller"]


def test_remembering_takes_no_statement_and_telling_few(busy: Firm) -> None:
    visitor, contact, company = busy.client(), add_contact(busy), add_company(busy)
    look_at(busy, visitor, "companies", company)
    with counted_statements(busy.app) as for_a_page:
        look_at(busy, visitor, "contacts", contact)
    with counted_statements(busy.app) as for_search:
        visitor.get(f"{busy.url}/search")

    assert len(for_a_page) <= 7
    assert len(for_search) <= 4


def test_without_redis_nothing_is_remembered_and_everything_works(busy: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis import Redis

    from tenants import memory

    visitor, contact = busy.client(), add_contact(busy)
    monkeypatch.setattr(memory, "_client", lambda: Redis(port=1, socket_connect_timeout=0.1))
    monkeypatch.setattr(memory, "_silent_until", 0.0)

    look_at(busy, visitor, "contacts", contact)

    assert opened(busy, visitor) == []
    assert visitor.get(f"{busy.url}/contacts").status_code == 200
