from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.colleagues import colleague, only_owners
from tests.firms import Firm, Reset, Visitor, counted_statements
from tests.pages import form_values
from tests.records import add_contact, add_many

KIEL = {"field": "city", "op": "is", "value": "Kiel"}


def where(*parts: Any) -> str:
    return json.dumps({"all": list(parts)})


def shown(page: str) -> list[str]:
    return re.findall(r'data-row data-turbo-frame="_top">([^<]*)</a>', page)


def listed(visitor: Visitor, firm: Firm, **asked: str) -> list[str]:
    answer = visitor.get(f"{firm.url}/contacts", query_string=asked)
    assert answer.status_code == 200
    return shown(answer.text)


@pytest.fixture
def crowd(acme: Firm, reset: Reset) -> Iterator[Firm]:
    add_many(
        acme,
        "contact",
        [
            {"family_name": "Ahrens", "city": "Kiel", "email": "a@a.example", "company": "Ahrens Bau"},
            {"family_name": "Brandt", "city": "Husum", "company": "Brandt Bau"},
            {"family_name": "Claus", "city": "Kiel", "salutation": "mr"},
            {"family_name": "Dose"},
        ],
    )
    yield acme
    # Views name their users.
    reset()
    only_owners(acme)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([KIEL], ["Ahrens", "Claus"]),
        ([KIEL, {"field": "company", "op": "contains", "value": "bau"}], ["Ahrens"]),
        ([{"any": [KIEL, {"field": "city", "op": "is", "value": "Husum"}]}], ["Ahrens", "Brandt", "Claus"]),
        ([{"field": "city", "op": "is_not", "value": "Kiel"}], ["Brandt", "Dose"]),
        ([{"field": "company", "op": "empty"}], ["Claus", "Dose"]),
        ([{"field": "salutation", "op": "none_of", "value": ["mr"]}], ["Ahrens", "Brandt", "Dose"]),
        ([{"field": "created_at", "op": "last_days", "value": "0"}], ["Ahrens", "Brandt", "Claus", "Dose"]),
        ([{"field": "email", "op": "filled"}, {"field": "family_name", "op": "begins", "value": "b"}], []),
    ],
)
def test_a_list_is_narrowed_by_lines_about_fields(crowd: Firm, parts: list[Any], found: list[str]) -> None:
    assert listed(crowd.client(), crowd, where=where(*parts)) == found


def test_words_and_a_filter_narrow_together_also_where_a_name_is_misspelt(crowd: Firm) -> None:
    visitor = crowd.client()

    assert listed(visitor, crowd, where=where(KIEL), q="Ahrens") == ["Ahrens"]
    assert listed(visitor, crowd, where=where(KIEL), q="Ahrnes") == ["Ahrens"]
    assert listed(visitor, crowd, where=where(KIEL), q="Barndt") == []


@pytest.mark.parametrize(
    "bad", ["{", '{"all": 7}', where({"field": "shoe_size", "op": "is", "value": "44"}), "x" * 9000]
)
def test_a_filter_that_is_not_understood_shows_no_rows_and_says_so(crowd: Firm, bad: str) -> None:
    visitor = crowd.client()
    page = visitor.get(f"{crowd.url}/contacts", query_string={"where": bad})

    assert page.status_code == 200
    assert shown(page.text) == []
    assert "This filter cannot be used" in page.text
    exported = {"entity": "contact", "query": urlencode({"where": bad}), "format": "csv"}
    assert visitor.post(f"{crowd.url}/exports", data=exported).status_code in (303, 422)


def test_pages_of_a_filtered_list_follow_one_another(acme: Firm) -> None:
    people = [{"family_name": f"N{i:03}", "city": "Kiel" if i % 2 else "Husum"} for i in range(240)]
    add_many(acme, "contact", people)
    visitor, seen = acme.client(), list[str]()
    url = f"{acme.url}/contacts?{urlencode({'where': where(KIEL)})}"

    while url:
        page = visitor.get(url).text
        seen += shown(page)
        further = re.search(r'href="([^"]*)" rel="next"', page)
        url = further[1].replace("&amp;", "&") if further else ""

    assert seen == [p["family_name"] for p in people if p["city"] == "Kiel"]


def editor(firm: Firm, visitor: Visitor, **sent: Any) -> tuple[str, dict[str, str]]:
    """(the page that the editor leads to, what its address asks)"""
    answer = visitor.get(f"{firm.url}/lists/filter", query_string=sent)
    assert answer.status_code == 303
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    return visitor.get(answer.location).text, asked


def test_a_filter_is_written_line_by_line_without_javascript(crowd: Firm) -> None:
    visitor = crowd.client()

    page, asked = editor(crowd, visitor, query="sort=-name", do="add", new="city")
    assert asked["sort"] == "-name"
    assert 'name="value-0"' in page
    line = {"query": "sort=-name", "field-0": "city", "op-0": "is", "value-0": "Kiel"}
    page, asked = editor(crowd, visitor, **line, do="add", new="city")
    assert 'value="Kiel"' in page
    lines = {**line, "field-1": "city", "op-1": "is", "value-1": "Husum", "join-1": "or"}
    page, asked = editor(crowd, visitor, **lines, do="apply")

    assert shown(page) == ["Claus", "Brandt", "Ahrens"]
    assert "City is Kiel or City is Husum" in page
    assert json.loads(asked["where"])["all"][0]["any"][1]["value"] == "Husum"


def test_what_is_wrong_with_a_line_stands_below_it_and_nothing_is_lost(crowd: Firm) -> None:
    visitor = crowd.client()
    lines = {"field-0": "created_at", "op-0": "on", "value-0": "", "field-1": "city", "op-1": "is", "value-1": "Kiel"}

    page, asked = editor(crowd, visitor, **lines, do="apply")

    assert "where" not in asked
    assert "Please fill this in." in page
    assert 'value="Kiel"' in page
    page, _ = editor(crowd, visitor, **lines, do="remove-0")
    assert "created_at" not in re.findall(r'name="field-\d" value="([^"]*)"', page)


def test_a_filter_that_no_address_can_carry_is_refused_and_the_list_stays(crowd: Firm) -> None:
    visitor = crowd.client()
    long = {name: value for n in range(20) for name, value in ((f"field-{n}", "city"), (f"value-{n}", "ü" * 150))}

    page, asked = editor(crowd, visitor, **long, query=urlencode({"where": where(KIEL)}), do="apply")

    assert asked["where"] == where(KIEL)
    assert shown(page) == ["Ahrens", "Claus"]
    assert "This filter is too long." in page


def test_what_somebody_writes_into_an_address_by_hand_breaks_nothing(crowd: Firm) -> None:
    visitor = crowd.client()

    for edit in ("{", "7", '[["city","is",["a"],false],7,["x"]]', "[" * 5000, '[["city","boo",[7],true]]'):
        assert visitor.get(f"{crowd.url}/contacts", query_string={"edit": edit}).status_code == 200
    for deed in ("remove-", "remove-x", "remove-99", "nonsense", ""):
        assert visitor.get(f"{crowd.url}/lists/filter", query_string={"do": deed}).status_code == 303


def save_view(firm: Firm, visitor: Visitor, name: str, address: dict[str, str], **more: str) -> str:
    """The address of the list as the view shows it."""
    sent = {"name": name, "query": urlencode(address), **more}
    answer = visitor.post(f"{firm.url}/lists/views", data=sent)
    assert answer.status_code == 303, answer.text[:500]
    return str(answer.location)


def view_id(url: str) -> str:
    return parse_qs(urlsplit(url).query)["view"][0]


def test_a_view_keeps_filter_order_words_and_columns(crowd: Firm) -> None:
    visitor = crowd.client()
    kept = {"where": where(KIEL), "sort": "-name", "columns": "city,own_salutation"}

    url = save_view(crowd, visitor, "Kieler", kept)

    page = visitor.get(url).text
    assert shown(page) == ["Claus", "Ahrens"]
    assert re.findall(r'<th scope="col"[^>]*>(?:<[^>]*>)*([A-Z][a-z]+)', page) == ["Name", "City", "Salutation"]
    assert "Mr" in page
    assert "Kieler" in visitor.get(f"{crowd.url}/contacts").text


def test_a_view_is_its_owners_until_it_is_shared(crowd: Firm) -> None:
    visitor, other = crowd.client(), colleague(crowd).client()
    own = save_view(crowd, visitor, "Meine", {"where": where(KIEL)})
    save_view(crowd, visitor, "Unsere", {"where": where(KIEL)}, shared="1")

    page = other.get(f"{crowd.url}/contacts").text

    assert "Unsere" in page
    assert "Meine" not in page
    for deed in ("edit", "replace", "delete", "first", "restore"):
        assert other.post(f"{crowd.url}/views/{view_id(own)}/{deed}", data={"name": "x"}).status_code == 404


def test_only_who_may_share_shares_or_changes_what_is_everybodys(crowd: Firm) -> None:
    visitor, other = crowd.client(), colleague(crowd).client()
    team = view_id(save_view(crowd, visitor, "Unsere", {}, shared="1"))

    sent = {"name": "Von mir", "query": "", "shared": "1"}
    assert other.post(f"{crowd.url}/lists/views", data=sent).status_code == 403
    assert other.get(f"{crowd.url}/views/{team}/edit").status_code == 403
    assert other.post(f"{crowd.url}/views/{team}/edit", data={"name": "Meine"}).status_code == 403
    assert other.post(f"{crowd.url}/views/{team}/delete").status_code == 403
    assert other.post(f"{crowd.url}/views/{team}/first").status_code == 303
    assert "Von mir" not in visitor.get(f"{crowd.url}/contacts").text


def test_who_only_looks_at_the_form_of_a_view_holds_nobody_up(crowd: Firm) -> None:
    visitor = crowd.client()
    kept = view_id(save_view(crowd, visitor, "Kieler", {"where": where(KIEL)}))
    visitor.get(f"{crowd.url}/contacts")
    with counted_statements(crowd.app) as before:
        visitor.get(f"{crowd.url}/contacts")

    with counted_statements(crowd.app) as looked:
        assert visitor.get(f"{crowd.url}/views/{kept}/edit").status_code == 200
    with counted_statements(crowd.app) as after:
        visitor.get(f"{crowd.url}/contacts")

    assert not [statement for statement in looked if "FOR UPDATE" in statement]
    assert len(after) == len(before)


def test_a_view_is_renamed_replaced_and_deleted_with_a_way_back(crowd: Firm) -> None:
    visitor = crowd.client()
    kept = view_id(save_view(crowd, visitor, "Kieler", {"where": where(KIEL)}))
    url = f"{crowd.url}/views/{kept}"

    form = form_values(visitor.get(f"{url}/edit").text)
    assert form["name"] == "Kieler"
    visitor.post(f"{url}/edit", data={**form, "name": "Aus Kiel"})
    assert "Please fill this in." in visitor.post(f"{url}/edit", data={**form, "name": " "}).text
    visitor.post(f"{url}/replace", data={"query": urlencode({"q": "Dose"})})

    assert "Aus Kiel" in visitor.get(f"{crowd.url}/contacts").text
    assert shown(visitor.get(visitor.post(f"{url}/first").location).text) == ["Dose"]
    visitor.post(f"{url}/delete")
    page = visitor.get(f"{crowd.url}/contacts").text
    assert len(shown(page)) == 4
    assert f"/views/{kept}/restore" in page
    visitor.post(f"{url}/restore")
    assert shown(visitor.get(f"{crowd.url}/contacts").text) == ["Dose"]


def test_a_view_that_shows_something_else_by_now_can_be_replaced(crowd: Firm) -> None:
    visitor = crowd.client()
    url = save_view(crowd, visitor, "Kieler", {"where": where(KIEL)})
    offer = "Update “Kieler” with this"

    assert offer not in visitor.get(url).text
    assert offer in visitor.get(f"{url}&sort=-name").text
    visitor.post(f"{crowd.url}/lists/columns", data={"order": "city", "shown": "city", "do": "save"})
    assert offer not in visitor.get(url).text


def test_what_comes_first_is_each_users_own_and_everything_is_one_click_away(crowd: Firm) -> None:
    visitor, other = crowd.client(), colleague(crowd).client()
    team = view_id(save_view(crowd, visitor, "Kieler", {"where": where(KIEL)}, shared="1"))
    visitor.post(f"{crowd.url}/views/{team}/first")

    page = visitor.get(f"{crowd.url}/contacts").text
    assert shown(page) == ["Ahrens", "Claus"]
    # What is done with "all that are found" is done with these two.
    query = re.search(r'name="query" value="(where=[^"]*)"', page)
    assert query
    assert "Kiel" in query[1]
    assert listed(visitor, crowd, view="all") == ["Ahrens", "Brandt", "Claus", "Dose"]
    assert len(listed(other, crowd)) == 4
    visitor.post(f"{crowd.url}/lists/first")
    assert len(listed(visitor, crowd)) == 4


def test_columns_are_chosen_ordered_and_kept_for_each_user(crowd: Firm) -> None:
    visitor, other = crowd.client(), colleague(crowd).client()
    sent = {"query": "", "order": ["phone", "city", "own_salutation", "recent"], "shown": ["city", "own_salutation"]}
    url = f"{crowd.url}/lists/columns"

    moved = visitor.post(url, data={**sent, "do": "up:own_salutation"})
    order = re.findall(r'name="order" value="([^"]*)"', visitor.get(moved.location).text)
    assert order[:4] == ["phone", "own_salutation", "city", "recent"]
    visitor.post(url, data={**sent, "order": order, "do": "save"})

    def heads(one: Visitor) -> list[str]:
        page = one.get(f"{crowd.url}/contacts").text
        return re.findall(r'<th scope="col"[^>]*>(?:<[^>]*>)*([A-Z][A-Za-z -]+)', page)

    assert heads(visitor) == ["Name", "Salutation", "City"]
    assert len(heads(other)) == 6
    visitor.post(url, data={**sent, "do": "usual"})
    assert heads(visitor) == heads(other)


def test_an_export_takes_the_columns_and_rows_that_are_shown(crowd: Firm) -> None:
    address = urlencode({"where": where(KIEL), "columns": "own_salutation,city", "sort": "-name"})

    sent = {"entity": "contact", "query": address, "format": "csv"}
    file = crowd.client().post(f"{crowd.url}/exports", data=sent, buffered=True).get_data().decode("utf-8-sig")

    assert file.splitlines() == ["Name,Salutation,City", "Claus,Mr,Kiel", "Ahrens,,Kiel"]


def test_what_is_done_with_all_that_is_found_is_done_with_the_filtered_only(crowd: Firm) -> None:
    visitor = crowd.client()
    address = {"where": where(KIEL)}
    page = visitor.get(f"{crowd.url}/contacts", query_string=address).text
    token = re.search(r'name="token" value="([^"]*)"', page)
    assert token

    sent = {"entity": "contact", "token": token[1], "all": "1", "action": "selection.delete"}
    visitor.post(f"{crowd.url}/selection", data={**sent, "query": urlencode(address)})
    assert listed(visitor, crowd) == ["Brandt", "Dose"]
    refused = visitor.post(f"{crowd.url}/selection", data={**sent, "query": urlencode({"where": "{"})})

    assert listed(visitor, crowd) == ["Brandt", "Dose"]
    assert refused.status_code in (303, 422)


@pytest.mark.parametrize("kind", ["contacts", "companies", "complaints"])
def test_a_list_with_views_and_a_filter_takes_at_most_five_statements(crowd: Firm, kind: str) -> None:
    visitor = crowd.client()
    save_view(crowd, visitor, "Kieler", {"where": where(KIEL)}, shared="1")
    asked = {"where": where({"field": "tag", "op": "empty"}), "columns": "own_created_at,city,company,from_whom,recent"}
    visitor.get(f"{crowd.url}/{kind}")

    with counted_statements(crowd.app) as statements:
        assert visitor.get(f"{crowd.url}/{kind}", query_string=asked).status_code == 200

    assert len(statements) <= 5, statements


def test_views_of_a_firm_are_nobody_elses(crowd: Firm, globex: Firm) -> None:
    kept = view_id(save_view(crowd, crowd.client(), "Kieler", {}, shared="1"))

    assert globex.client().get(f"{globex.url}/views/{kept}/edit").status_code == 404


def test_a_view_of_nothing_but_a_name_that_is_too_long_is_not_kept(crowd: Firm) -> None:
    visitor = crowd.client()

    save_view(crowd, visitor, "x" * 61, {})

    assert "A view needs a name of at most 60 characters." in visitor.get(f"{crowd.url}/contacts?view=all").text


def test_a_reader_narrows_lists_and_keeps_no_views(crowd: Firm) -> None:
    from tests.firms import visitor_with_role

    add_contact(crowd)
    with visitor_with_role(crowd, "reader") as reader:
        assert listed(reader, crowd, where=where(KIEL)) == ["Ahrens", "Claus"]
        assert reader.post(f"{crowd.url}/lists/views", data={"name": "x", "query": ""}).status_code == 403
        assert "Save view" not in reader.get(f"{crowd.url}/contacts").text
