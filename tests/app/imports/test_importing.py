from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from tests.app.imports.lists import (
    CONTACTS,
    columns,
    count,
    draft,
    kept_files,
    launch,
    many,
    stored,
    upload,
    work_off,
)
from tests.firms import Firm, counted_statements


def test_a_list_becomes_contacts_with_their_companies(acme: Firm) -> None:
    import_id = draft(acme, CONTACTS)

    assert launch(acme, import_id).status_code == 303
    work_off(acme)

    with acme.work() as session:
        people = session.execute(
            text(
                "SELECT c.display_name, c.salutation, o.name, a.role FROM contacts c "
                "JOIN affiliations a ON a.contact_id = c.id JOIN companies o ON o.id = a.company_id ORDER BY 1"
            )
        ).all()
        points = session.scalars(text("SELECT normalised FROM contact_points WHERE kind = 'phone' ORDER BY 1"))
        assert [tuple(row) for row in people] == [
            ("Jürgen Müller", "mr", "Nordlicht Segel GmbH", "Einkauf"),
            ("Änne Groß", "ms", "Nordlicht Segel GmbH", ""),
        ]
        assert points.all() == ["49405551234", "49405551235"]
    one = stored(acme, import_id)
    assert (one.state, one.created, one.refused, one.done) == ("done", 2, 2, 4)


def test_refused_rows_are_told_with_row_reason_and_cells(acme: Firm) -> None:
    import_id = draft(acme, CONTACTS)
    launch(acme, import_id)
    work_off(acme)

    page = acme.client().get(f"{acme.url}/imports/{import_id}").text

    assert "Row 4" in page
    assert "E-mail: This is not an e-mail address." in page
    assert "kein-at-zeichen" in page
    assert "Row 5" in page
    assert "A contact needs a first name or a last name." in page


def test_refused_rows_can_be_downloaded_mended_and_imported_again(acme: Firm) -> None:
    heading = "Nachname;E-Mail;Telefon;Notiz\n"
    import_id = draft(acme, heading + "Meier;kein-at;+49 30 12345;=1+1\nSchulz;s@example.com;030 1;ok\n")
    launch(acme, import_id)
    work_off(acme)

    answer = acme.client().get(f"{acme.url}/imports/{import_id}/refused.csv", buffered=True)

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [
        ["Nachname", "E-Mail", "Telefon", "Notiz", "Why it was refused"],
        ["Meier", "kein-at", "'+49 30 12345", "'=1+1", "E-mail: This is not an e-mail address."],
    ]
    mended = answer.data.decode("utf-8-sig").replace("kein-at", "meier@example.com")
    launch(acme, draft(acme, mended))
    work_off(acme)
    with acme.work() as session:
        assert session.scalar(text("SELECT count(*) FROM contact_points WHERE normalised = '493012345'")) == 1


def test_companies_are_imported_with_their_ways_to_reach_them(acme: Firm) -> None:
    import_id = draft(
        acme,
        "Firma;Branche;Telefon;PLZ;Ort\nSüß GmbH;Bäckerei;030 1234;10115;Berlin\n;x;;;\n",
        entity="company",
    )
    launch(acme, import_id)
    work_off(acme)

    assert count(acme, "companies") == 1
    assert count(acme, "contact_points") == 2
    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "Name of the company: Please fill this in." in page


def test_a_row_that_occurs_twice_is_imported_once_even_far_apart(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", 2)
    import_id = draft(acme, "Nachname\nMeier\nSchulz\nKunz\nMeier\nMeier\n")
    launch(acme, import_id)
    work_off(acme)

    assert (stored(acme, import_id).created, stored(acme, import_id).refused) == (3, 2)
    assert "The same row stands further up already." in acme.client().get(f"{acme.url}/imports/{import_id}").text


def test_a_row_with_more_cells_than_headings_is_refused(acme: Firm) -> None:
    import_id = draft(acme, "Nachname;Ort\nMeier;Ulm;übrig\nSchulz;Bonn;\n")
    launch(acme, import_id)
    work_off(acme)

    assert (stored(acme, import_id).created, stored(acme, import_id).refused) == (1, 1)


def test_each_chunk_is_a_job_of_its_own(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", 100)
    import_id = draft(acme, many(250))
    launch(acme, import_id)

    assert work_off(acme) == 3
    assert count(acme, "contacts") == 250
    assert count(acme, "companies") == 40


def test_a_cancelled_import_keeps_what_is_in_and_says_so(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", 100)
    import_id = draft(acme, many(250))
    launch(acme, import_id)
    performed = iter([False, True])
    work_off(acme, stop=lambda: next(performed))

    acme.client().post(f"{acme.url}/imports/{import_id}/cancel")
    work_off(acme)

    assert count(acme, "contacts") == 100
    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "100 rows are created and stay, 150 were not read" in page


def test_pressed_twice_an_import_begins_once(acme: Firm) -> None:
    import_id = draft(acme, CONTACTS)
    chosen = columns(acme, import_id)

    assert launch(acme, import_id, chosen).status_code == 303
    assert launch(acme, import_id, chosen).status_code == 303
    assert work_off(acme) == 1
    assert launch(acme, import_id, chosen).status_code == 303
    assert work_off(acme) == 0


def test_a_chunk_that_fails_leaves_nothing_and_runs_again(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.imports import chunks

    monkeypatch.setattr(chunks, "ROWS", 100)
    import_id = draft(acme, many(150))
    launch(acme, import_id)
    with monkeypatch.context() as broken:
        broken.setattr(chunks.clock, "now", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError), acme.work():
            chunks.import_next(import_id)

    assert count(acme, "contacts") == 0

    work_off(acme)
    assert count(acme, "contacts") == 150


def test_ten_thousand_rows_take_few_statements_and_are_all_in_the_journal(acme: Firm) -> None:
    import_id = draft(acme, many(10_000))
    launch(acme, import_id)

    with counted_statements(acme.app) as statements:
        jobs = work_off(acme)

    assert jobs == 10
    written = [s for s in statements if "INSERT INTO" in s]
    assert len(written) <= 20 * jobs
    assert count(acme, "contacts") == 10_000
    with acme.work() as session:
        recorded = session.execute(
            text(
                "SELECT table_name, count(DISTINCT record_id) FROM change "
                "WHERE op = 'I' AND source = 'job' AND table_name <> 'files' GROUP BY 1"
            )
        )
        assert {row[0]: row[1] for row in recorded} == {
            "contacts": 10_000,
            "companies": 40,
            "affiliations": 10_000,
            "contact_points": 30_000,
        }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Name;Ort\n", "no rows below it"),
        (b"a\0b", "not a list that can be read"),
        (b"\xd0\xcf\x11\xe0...", "old or a protected workbook"),
        (b'Name\n"A\n', "A quotation mark in row 2 is never closed"),
        (b";" * 300 + b"a\nb\n", "more than 200 columns"),
        (b"Name\n" + b"x\0\n" * 700_000, "not a list that can be read"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_in_one_sentence_and_leaves_nothing(
    acme: Firm, content: bytes, sentence: str
) -> None:
    before = kept_files(acme)

    answer = upload(acme, content)
    work_off(acme)

    assert sentence in acme.client().get(answer.location).text
    assert kept_files(acme) == before


def test_an_empty_file_is_refused_at_once(acme: Firm) -> None:
    answer = upload(acme, b"")

    assert answer.status_code == 422
    assert "There is nothing in it" in answer.text
    assert count(acme, "imports") == count(acme, "files") == 0


def test_pasted_rows_are_a_list_too(acme: Firm) -> None:
    sent = {"entity": "contact", "rows": "Vorname\tNachname\r\nHans\tMüller\r\n"}
    answer = acme.client().post(f"{acme.url}/imports/new", data=sent)
    work_off(acme)
    launch(acme, UUID(answer.location.rpartition("/")[2]))
    work_off(acme)

    assert count(acme, "contacts") == 1
    assert "Pasted rows" in acme.client().get(f"{acme.url}/imports").text


def test_neither_file_nor_rows_is_said(acme: Firm) -> None:
    answer = acme.client().post(f"{acme.url}/imports/new", data={"entity": "contact"})

    assert answer.status_code == 422
    assert "Please choose a file or paste some rows." in answer.text


def test_the_app_knows_no_import_of_another_firm(acme: Firm, globex: Firm) -> None:
    import_id = draft(acme, CONTACTS)
    client = globex.client()
    address = f"{globex.url}/imports/{import_id}"

    assert client.get(address).status_code == 404
    assert client.get(f"{address}/refused.csv").status_code == 404
    for action in ("columns", "start", "cancel"):
        assert client.post(f"{address}/{action}", data={"column": []}).status_code == 404
    assert stored(acme, import_id).state == "draft"


def test_readers_see_imports_and_may_not_begin_one(app: Flask) -> None:
    from app.core import access
    from tenants.models import Role

    with app.app_context():
        reader, member = access.permissions_of(Role.READER), access.permissions_of(Role.MEMBER)

    assert "imports.read" in reader
    assert "imports.write" not in reader
    assert "imports.write" in member
