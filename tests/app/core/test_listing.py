from __future__ import annotations

import random

import pytest

from app.core import listing
from app.core.entities import entity_types
from app.core.listing import Query
from tests.firms import Firm, counted_statements
from tests.records import add_company, add_contact, add_many


def names(firm: Firm, query: Query, entity: str = "contact") -> list[str]:
    with firm.work():
        return [row.title for row in listing.load(entity_types.named(entity), query).rows]


def walk(firm: Firm, sort: str) -> list[str]:
    """All pages from the first to the last, then back again: both ways must tell the same."""
    there: list[str] = []
    after: str | None = None
    pages: list[listing.Page] = []
    with firm.work():
        while True:
            page = listing.load(entity_types.named("contact"), Query(sort=sort, after=after))
            pages.append(page)
            there += [row.title for row in page.rows]
            after = page.next
            if after is None:
                break
        before, back = pages[-1].previous, [row.title for row in pages[-1].rows]
        while before is not None:
            page = listing.load(entity_types.named("contact"), Query(sort=sort, before=before))
            back = [row.title for row in page.rows] + back
            before = page.previous
    assert back == there
    return there


@pytest.fixture
def crowd(acme: Firm) -> list[str]:
    people = [{"given_name": f"P{i % 7}", "family_name": f"Name{i % 40:02}"} for i in range(130)]
    random.Random(7).shuffle(people)
    add_many(acme, "contact", people)
    return [f"{p['given_name']} {p['family_name']}" for p in people]


@pytest.mark.parametrize("sort", ["name", "-name", "recent"])
def test_paging_shows_every_record_once_in_both_directions(acme: Firm, crowd: list[str], sort: str) -> None:
    assert sorted(walk(acme, sort)) == sorted(crowd)


def test_the_list_is_sorted_by_last_name_then_first_name(acme: Firm, crowd: list[str]) -> None:
    shown = walk(acme, "name")

    assert shown == sorted(shown, key=lambda name: name.split()[::-1])
    assert walk(acme, "-name") == shown[::-1]


def test_a_record_added_while_somebody_pages_moves_nothing(acme: Firm, crowd: list[str]) -> None:
    with acme.work():
        first = listing.load(entity_types.named("contact"), Query())
    add_contact(acme, given_name="A", family_name="Aaa")

    second = names(acme, Query(after=first.next))

    assert not set(second) & {row.id for row in first.rows}
    assert len(second) == listing.PAGE


def test_a_cursor_that_was_tampered_with_means_the_first_page(acme: Firm, crowd: list[str]) -> None:
    first = names(acme, Query())

    assert names(acme, Query(after="W10.nonsense")) == first
    with acme.work():
        of_another_order = listing.load(entity_types.named("contact"), Query(sort="recent")).next
    assert names(acme, Query(after=of_another_order)) == first


@pytest.mark.parametrize(
    "words",
    [
        "müller",
        "Mueller",
        "mull",
        "+49 40 66969-123",
        "04066969123",
        "ada@hafen.example",
        "hafen",
        "mül haf",
        "Hamburg",
    ],
)
def test_one_box_finds_a_contact_in_many_ways(acme: Firm, words: str) -> None:
    add_contact(acme, phone="040 / 66969 123", email="Ada@Hafen.example", city="Hamburg", company="Hafen & Söhne KG")
    add_contact(acme, given_name="Somebody", family_name="Else", phone="0221 4710 555")

    assert names(acme, Query(words=words)) == ["Jürgen Müller"]


def test_a_query_of_nothing_but_odd_signs_finds_everything_rather_than_failing(acme: Firm) -> None:
    add_contact(acme)

    assert names(acme, Query(words="'\";--")) == ["Jürgen Müller"]


def test_a_list_can_be_narrowed_to_those_that_can_be_reached_some_way(acme: Firm) -> None:
    add_contact(acme, email="j@mueller.example")
    add_contact(acme, given_name="Ohne", family_name="Post")

    assert names(acme, Query(filters={"reach": "email"})) == ["Jürgen Müller"]
    assert names(acme, Query(filters={"reach": "nonsense"})) == ["Jürgen Müller", "Ohne Post"]


def test_what_was_deleted_is_in_no_list(acme: Firm) -> None:
    company_id = add_company(acme)
    acme.client().post(f"{acme.url}/companies/{company_id}/delete")

    assert names(acme, Query(), "company") == []
    assert names(acme, Query(words="hafen"), "company") == []


def test_firms_find_only_their_own(acme: Firm, globex: Firm) -> None:
    add_contact(acme)

    assert names(globex, Query(words="müller")) == []
    assert names(globex, Query()) == []


@pytest.mark.parametrize("many", [1, 100])
def test_a_list_page_takes_the_same_few_statements_for_one_and_for_a_hundred(acme: Firm, many: int) -> None:
    add_many(
        acme,
        "contact",
        [{"family_name": f"N{i}", "email": f"n{i}@x.example", "company": f"F{i}"} for i in range(many)],
    )
    client = acme.client()
    client.get(f"{acme.url}/contacts")

    with counted_statements(acme.app) as statements:
        page = client.get(f"{acme.url}/contacts")

    assert page.status_code == 200
    assert len(statements) <= 5


@pytest.mark.parametrize("words", ["Mueler", "Scholmann", "gesine scholman", "Holm Mueler"])
def test_a_misspelt_name_is_found_where_nothing_is_spelt_like_that(acme: Firm, words: str) -> None:
    add_many(
        acme,
        "contact",
        [
            {"given_name": "Hans", "family_name": "Müller", "company": "Tischlerei Holm"},
            {"given_name": "Gesine", "family_name": "Schollmann"},
            {"given_name": "Ida", "family_name": "Brandt"},
        ],
    )

    page = acme.client().get(f"{acme.url}/contacts", query_string={"q": words}).text

    assert ("Müller" in page) != ("Schollmann" in page)
    assert "Brandt" not in page
    assert "These are similar." in page


def test_a_firm_is_found_whatever_it_is_in_law(acme: Firm) -> None:
    add_company(acme, name="Müller Bau GmbH & Co. KG")
    client = acme.client()

    for words in ("Müller Bau AG", "mueller bau gmbh", "Bau KG", "GmbH", "gmbh & co. kg"):
        assert "Müller Bau GmbH" in client.get(f"{acme.url}/companies", query_string={"q": words}).text
