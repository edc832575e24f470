from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from app.exports import upkeep
from tenants import clock
from tests.app.exports.exporting import export_by_worker
from tests.firms import Firm, visitor_with_role
from tests.records import add_contact, add_many, run_jobs


@pytest.fixture
def travel() -> Iterator[Callable[[timedelta], None]]:
    yield lambda offset: clock.travel_with(lambda: offset)
    clock.travel_with(timedelta)


def taken(firm: Firm, *, query: str = "", **more: str) -> TestResponse:
    form = {"entity": "contact", "format": "csv", "query": query, **more}
    return firm.client().post(f"{firm.url}/exports", data=form, buffered=True)


def lines(answer: TestResponse, *, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=delimiter))


def cells(answer: TestResponse) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_what_is_shown_comes_out_in_the_same_order_and_nothing_else(acme: Firm) -> None:
    add_contact(acme, given_name="Ada", email="ada@hafen.example", city="Hamburg", company="Hafen & Söhne KG")
    add_contact(acme, given_name="Bob", email="bob@hafen.example")
    add_contact(acme, given_name="Carl")
    add_contact(acme, given_name="Dora", family_name="Else", email="dora@hafen.example")

    answer = taken(acme, query="q=müller&sort=-name&reach=email")

    head, *rows = lines(answer)
    assert head[0] == "Name"
    assert [row[0] for row in rows] == ["Bob Müller", "Ada Müller"]
    ada = dict(zip(head, rows[1], strict=True))
    assert (ada["E-mail"], ada["City"], ada["Company"]) == ("ada@hafen.example", "Hamburg", "Hafen & Söhne KG")
    assert answer.headers["Content-Disposition"] == "attachment; filename=Contacts.csv"


def test_what_is_only_spelt_almost_like_the_words_is_not_exported(acme: Firm) -> None:
    add_contact(acme, family_name="Winkelmann")

    assert len(lines(taken(acme, query="q=winkelmamn"))) == 1


def test_a_page_of_a_list_is_exported_from_its_beginning(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"N{n:02}"} for n in range(60)])

    assert len(lines(taken(acme, query="after=nonsense&before=nonsense"))) == 61


def test_german_csv_opens_by_a_double_click(acme: Firm) -> None:
    add_contact(acme, city="Köln")
    client = acme.client()
    client.get(f"{acme.url}/contacts?lang=de")

    form = {"entity": "contact", "format": "csv", "query": ""}
    answer = client.post(f"{acme.url}/exports?lang=de", data=form, buffered=True)

    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert lines(answer, delimiter=";")[1][0] == "Jürgen Müller"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t=", "\r=", "\n="])
def test_whatever_begins_a_formula_somewhere_is_text_and_comes_back_as_it_was(sign: str) -> None:
    from app.core import cells

    assert cells.harmless(f"{sign}1+1") == f"'{sign}1+1"
    assert cells.bare(cells.harmless(f"{sign}1+1")) == f"{sign}1+1"


def test_nothing_is_reckoned_by_a_spreadsheet(acme: Firm) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    add_contact(acme, given_name=evil, family_name="Z", phone="+49 40 66969123")

    row = lines(taken(acme))[1]
    assert row[0].startswith("'=")
    assert all(not cell.startswith(("=", "+", "-", "@")) for cell in row)
    sheet = load_workbook(io.BytesIO(taken(acme, format="xlsx").data)).worksheets[0]
    shown = {cell.value: cell.data_type for cell in sheet[2]}
    assert shown[f"{evil} Z"] == "s"
    assert "f" not in shown.values()


def test_an_excel_file_has_the_same_rows_and_real_dates(acme: Firm) -> None:
    add_contact(acme, given_name="Ada")
    add_contact(acme, given_name="Bob")

    head, *rows = cells(taken(acme, format="xlsx"))

    assert [row[0] for row in rows] == ["Ada Müller", "Bob Müller"]
    assert head[0] == "Name"
    assert rows[0][-1].year >= 2026


def test_many_rows_are_written_by_a_worker_and_found_again(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"Name {n:04}"} for n in range(2300)])

    answer = taken(acme, query="q=name")
    assert answer.status_code == 303
    assert "The file is being written" in acme.client().get(answer.location).text
    run_jobs(acme.app)

    assert "The file is ready" in acme.client().get(answer.location).text
    found = lines(acme.client().get(f"{answer.location}/file", buffered=True))
    assert [row[0] for row in found[1:]] == [f"Name {n:04}" for n in range(2300)]
    assert answer.location in acme.client().get(f"{acme.url}/exports").text


def test_a_worker_gives_nothing_to_who_may_no_longer(acme: Firm) -> None:
    from app.users.models import User
    from tenants.models import Role

    add_many(acme, "contact", [{"family_name": f"Name {n:04}"} for n in range(2001)])
    answer = taken(acme)
    with acme.work() as session:
        session.get_one(User, acme.owner_id).role = Role.MEMBER
    try:
        run_jobs(acme.app)
    finally:
        with acme.work() as session:
            session.get_one(User, acme.owner_id).role = Role.OWNER

    assert "The file was not written" in acme.client().get(answer.location).text
    assert acme.client().get(f"{answer.location}/file").status_code == 404


def test_a_file_is_kept_for_seven_days_and_the_page_says_until_when(
    acme: Firm, travel: Callable[[timedelta], None]
) -> None:
    add_contact(acme)
    address = f"{acme.url}/exports/{export_by_worker(acme)}"

    assert "It is kept until" in acme.client().get(address).text
    for days, status in ((6.9, 200), (7.1, 404)):
        travel(timedelta(days=days))
        with acme.app.app_context():
            upkeep.forget_files_everywhere()
        assert acme.client().get(f"{address}/file", buffered=True).status_code == status

    page = acme.client().get(address).text
    assert "The file is removed" in page
    assert "/file" not in page
    assert address in acme.client().get(f"{acme.url}/exports").text


def test_writing_takes_no_more_memory_for_more_rows(acme: Firm) -> None:
    from app.core.entities import entity_types
    from app.core.listing import Query
    from app.exports import actions, writing
    from app.exports.models import ExportFormat

    add_many(acme, "contact", [{"family_name": f"Name {n:05}", "email": f"n{n}@x.example"} for n in range(6000)])

    def peak(words: str) -> int:
        with acme.work():
            export = actions.begin(entity_types.named("contact"), Query(words=words), format=ExportFormat.XLSX)
            tracemalloc.start()
            writing.write(export).close()
            return tracemalloc.get_traced_memory()[1]

    try:
        peak("")
        few = peak("name 00")
        many = peak("")
    finally:
        tracemalloc.stop()

    assert many < few * 2


def test_more_than_fits_is_refused(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.exports.actions.MOST", 1)
    add_contact(acme, given_name="Ada")
    add_contact(acme, given_name="Bob")

    answer = taken(acme)

    assert answer.status_code == 303
    assert answer.location == f"{acme.url}/contacts"


def test_a_list_offers_the_export_of_exactly_what_it_shows(acme: Firm) -> None:
    add_contact(acme)
    address = f"{acme.url}/exports/new?q=m%C3%BCl&sort=recent&entity=contact"

    shown = acme.client().get(f"{acme.url}/contacts?q=mül&sort=recent").text
    page = acme.client().get(address).text

    assert address.replace("&", "&amp;") in shown
    assert 'name="query" value="q=m%C3%BCl&amp;sort=recent"' in page
    assert "1 row" in page


def test_who_may_not_export_is_not_offered_it_and_gets_nothing(acme: Firm) -> None:
    add_contact(acme)

    with visitor_with_role(acme, "member") as member:
        page = member.get(f"{acme.url}/contacts").text
        refused = member.post(f"{acme.url}/exports", data={"entity": "contact", "format": "csv", "query": ""})

    assert "/exports/new" not in page
    assert refused.status_code == 403


def test_a_kind_that_does_not_exist_is_not_found(acme: Firm) -> None:
    assert taken(acme, entity="spaceship").status_code == 404
