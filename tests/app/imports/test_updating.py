from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import text

from app.contacts.models import Contact
from tests.app.imports.lists import count, draft, many, stored, work_off
from tests.firms import Firm, counted_statements
from tests.records import add_company, add_contact, add_many

LIST = (
    "Vorname;Nachname;Titel;E-Mail;Telefon;Straße;PLZ;Ort;Firma\n"
    "Jürgen;Müller;Dr.;J.Mueller@x.example;030 111;Kai 5;20457;Hamburg;Hafen AG\n"
    "Neu;Mensch;;neu@x.example;;;;;\n"
)


def known(firm: Firm) -> UUID:
    return add_contact(firm, email="j.mueller@x.example", phone="040 999", city="Bonn")


def imported(firm: Firm, content: str, way: str, *, entity: str = "contact", shared: str = "") -> UUID:
    import_id = draft(firm, content, entity=entity)
    chosen = stored(firm, import_id).mapping
    answer = firm.client().post(
        f"{firm.url}/imports/{import_id}/start", data={"column": chosen, "way": way, "shared": shared}
    )
    assert answer.status_code == 303, answer.text
    work_off(firm)
    return import_id


def counts(firm: Firm, import_id: UUID) -> tuple[int, int, int, int]:
    one = stored(firm, import_id)
    assert (one.state, one.done) == ("done", one.total)
    return one.created, one.updated, one.unchanged, one.refused


def said(firm: Firm, record_id: UUID) -> dict[str, str]:
    from app.core.beside import read_standing
    from app.core.entities import entity_types

    with firm.work():
        values = read_standing(entity_types.named("contact"), [record_id])[record_id].values
    return {name: value for name, value in values.items() if value}


def test_only_what_is_new_comes_in(acme: Firm) -> None:
    contact_id = known(acme)
    before = said(acme, contact_id)

    assert counts(acme, imported(acme, LIST, "new")) == (1, 0, 1, 0)
    assert count(acme, "contacts") == 2
    assert said(acme, contact_id) == before


def test_gaps_are_filled_and_nothing_is_replaced(acme: Firm) -> None:
    contact_id = known(acme)

    assert counts(acme, imported(acme, LIST, "fill")) == (1, 1, 0, 0)
    assert said(acme, contact_id) == {
        "given_name": "Jürgen",
        "family_name": "Müller",
        "title": "Dr.",
        "email": "j.mueller@x.example",
        "phone": "040 999",
        "city": "Bonn",
        "company": "Hafen AG",
    }
    assert "Jürgen" in acme.client().get(f"{acme.url}/contacts?q=Hafen").text


def test_what_stands_there_is_overwritten_and_empty_cells_change_nothing(acme: Firm) -> None:
    contact_id = known(acme)

    imported(
        acme, "E-Mail;Nachname;Titel;Telefon;Ort;Straße\nj.mueller@x.example;Müller;;030 111;Hamburg;\n", "overwrite"
    )

    assert said(acme, contact_id) == {
        "given_name": "Jürgen",
        "family_name": "Müller",
        "email": "j.mueller@x.example",
        "phone": "030 111",
        "city": "Hamburg",
    }
    found = acme.client().get(f"{acme.url}/contacts?q=030111").text
    assert "Jürgen" in found
    assert "Jürgen" not in acme.client().get(f"{acme.url}/contacts?q=040999").text


def test_a_number_that_is_known_in_another_place_is_not_added_again(acme: Firm) -> None:
    contact_id = add_contact(acme, email="j@x.example", mobile="0170 1234567")

    import_id = imported(acme, "Nachname;E-Mail;Telefon\nMüller;j@x.example;+49 170 1234567\n", "fill")

    assert counts(acme, import_id) == (0, 0, 1, 0)
    assert "phone" not in said(acme, contact_id)


FAMILY = (
    "Vorname;Nachname;E-Mail\nAda;Schulz;info@x.example\nBob;Schulz;new@x.example\nCarl;Schulz;NEW@x.example\n"
    "Jürgen;Müller;info@x.example\n"
)


@pytest.mark.parametrize("rows", [1, 1000])
def test_somebody_else_with_an_address_that_is_known_comes_in_only_if_asked_for(
    acme: Firm, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", rows)
    add_contact(acme, email="info@x.example")

    refused = imported(acme, FAMILY, "overwrite")
    page = acme.client().get(f"{acme.url}/imports/{refused}").text
    asked_for = imported(acme, FAMILY, "overwrite", shared="1")

    assert counts(acme, refused) == (1, 0, 1, 2)
    assert page.count("Somebody else has this e-mail address already.") == 2
    assert counts(acme, asked_for) == (2, 0, 2, 0)


def test_the_page_asks_about_addresses_that_somebody_else_has(acme: Firm) -> None:
    add_contact(acme, email="info@x.example")
    import_id = draft(acme, FAMILY)

    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    form = {"column": stored(acme, import_id).mapping, "way": "new", "shared": "1"}
    acme.client().post(f"{acme.url}/imports/{import_id}/columns", data=form)
    again = acme.client().get(f"{acme.url}/imports/{import_id}").text

    assert "2 rows have the e-mail address of somebody else." in page
    assert "Import 1 row" in page
    assert re.search(r'name="shared" value="1" form="columns" checked', again)
    assert "Import 3 rows" in again


def test_our_own_export_brings_nobody_in_twice_and_renames_nobody(acme: Firm) -> None:
    people = [
        {"title": "Dr.", "given_name": "Nele", "family_name": "Brinkmann", "email": "nele@x.example"},
        {"given_name": "Anna Maria", "family_name": "Sánchez Gómez", "email": "anna@x.example"},
        {"given_name": "", "family_name": "Müller", "email": "m@x.example", "company": "Hafen AG"},
    ]
    ids = add_many(acme, "contact", people)
    wanted = {"entity": "contact", "format": "csv", "query": ""}
    exported = acme.client().post(f"{acme.url}/exports", data=wanted, buffered=True)
    before = [said(acme, record_id) for record_id in ids]

    import_id = imported(acme, exported.data.decode("utf-8-sig"), "overwrite")

    assert counts(acme, import_id) == (0, 0, 3, 0)
    assert [said(acme, record_id) for record_id in ids] == before


@pytest.mark.parametrize(
    ("written", "title", "given_name", "family_name"),
    [
        ("Nele Brinkmann", None, "Nele", "Brinkmann"),
        ("Frau Prof. Dr. Nele von der Heide", "Prof. Dr.", "Nele", "von der Heide"),
        ("Brinkmann, Nele", None, "Nele", "Brinkmann"),
        ("Dr. Brinkmann", "Dr.", None, "Brinkmann"),
        ("Dipl.-Ing. Otto  Lang", "Dipl.-Ing.", "Otto", "Lang"),
        ("van Dyk", None, None, "van Dyk"),
        ("Frau", None, None, "Frau"),
    ],
)
def test_a_whole_name_comes_in_as_its_parts(
    acme: Firm, written: str, title: str | None, given_name: str | None, family_name: str
) -> None:
    import_id = imported(acme, f'Name;E-Mail\n"{written}";nele@x.example\n', "new")

    assert counts(acme, import_id) == (1, 0, 0, 0)
    with acme.work() as session:
        kept = session.query(Contact).one()
    assert (kept.title, kept.given_name or None, kept.family_name) == (title, given_name, family_name)


def test_a_row_that_fits_several_records_is_refused_with_a_reason(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": "Müller", "email": "m@x.example"}] * 2)

    import_id = imported(acme, "Nachname;E-Mail\nMüller;m@x.example\n", "fill")

    assert counts(acme, import_id) == (0, 0, 0, 1)
    assert "Several records fit this row" in acme.client().get(f"{acme.url}/imports/{import_id}").text


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_the_first_row_about_a_record_counts_wherever_chunks_end(
    acme: Firm, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", rows)
    known(acme)
    heading = "Vorname;Nachname;E-Mail;Telefon\n"
    old = "Jürgen;Müller;j.mueller@x.example;1\nJürgen;Müller;j.mueller@x.example;2\n"
    new = "Neu;Mensch;neu@x.example;1\nNeu;Mensch;NEU@x.example;2\n"

    import_id = imported(acme, heading + old + new, "overwrite")

    assert counts(acme, import_id) == (1, 1, 0, 2)


def test_a_chunk_reads_what_others_were_about_only_for_records_that_changed_lately(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", 1)
    add_many(acme, "contact", [{"family_name": f"N{n}", "email": f"n{n}@x.example"} for n in range(3)])
    content = "Nachname;E-Mail;Ort\n" + "".join(f"N{n};n{n}@x.example;Ulm\n" for n in range(3))
    with acme.work() as session:
        session.execute(text("UPDATE contacts SET updated_at = updated_at - interval '1 day'"))

    with counted_statements(acme.app) as counted:
        import_id = imported(acme, content + "N0;n0@x.example;Kiel\n", "overwrite")

    assert counts(acme, import_id) == (0, 3, 0, 1)
    # For the last row alone: its record was changed by the first.
    assert len([statement for statement in counted if "unnest(c.record_ids)" in statement]) == 1


def test_companies_are_found_by_their_name(acme: Firm) -> None:
    add_company(acme, name="Bäckerei Süß", city="Bonn")

    content = "Firma;Branche;Telefon\nBAECKEREI SÜSS;Handwerk;040 1\nHafen AG;;\n"
    import_id = imported(acme, content, "fill", entity="company")

    assert counts(acme, import_id) == (1, 1, 0, 0)
    page = acme.client().get(f"{acme.url}/companies?q=Handwerk").text
    assert "Bäckerei Süß" in page
    assert "040 1" in page


def test_changes_are_in_the_journal(acme: Firm) -> None:
    contact_id = known(acme)
    imported(acme, LIST, "overwrite")

    with acme.work() as session:
        recorded = session.execute(
            text(
                "SELECT table_name, old, new FROM change WHERE op = 'U' AND source = 'job' AND table_name <> 'imports'"
            )
        ).all()
        found = {table: (old, new) for table, old, new in recorded}
    assert found["contacts"] == ({"title": None}, {"title": "Dr."})
    assert "Dr." in acme.client().get(f"{acme.url}/contacts/{contact_id}").text


def test_without_the_column_that_finds_records_none_can_be_changed(acme: Firm) -> None:
    import_id = draft(acme, "Nachname;Ort\nMüller;Ulm\n")

    answer = acme.client().post(
        f"{acme.url}/imports/{import_id}/start", data={"column": ["family_name", "city"], "way": "fill"}
    )

    assert answer.status_code == 422
    assert "To change what is there, a column is needed for “Customer number” or “E-mail”." in answer.text


def test_before_it_begins_the_page_says_what_exists_with_examples(acme: Firm) -> None:
    contact_id = known(acme)
    import_id = draft(acme, LIST)

    page = acme.client().get(f"{acme.url}/imports/{import_id}").text

    assert "1 row is about a record that exists." in page
    assert f"/contacts/{contact_id}" in page
    assert "Import 1 row" in page
    acme.client().post(
        f"{acme.url}/imports/{import_id}/columns", data={"column": stored(acme, import_id).mapping, "way": "fill"}
    )
    assert "Import 2 rows" in acme.client().get(f"{acme.url}/imports/{import_id}").text


def test_the_same_headings_are_understood_as_last_time(acme: Firm) -> None:
    first = draft(acme, "Wer;Was\nMüller;m@x.example\n")
    chosen = ["family_name", "email"]
    acme.client().post(f"{acme.url}/imports/{first}/start", data={"column": chosen, "way": "fill"})
    work_off(acme)

    second = stored(acme, draft(acme, "wer ;WAS\nMeier;030 123456\n"))
    other = stored(acme, draft(acme, "Wer;Was\nHafen;x\n", entity="company"))

    assert (second.mapping, second.way) == (chosen, "fill")
    assert "family_name" not in other.mapping


def test_a_thousand_changes_take_as_many_statements_as_ten(acme: Firm) -> None:
    def statements(rows: int) -> int:
        imported(acme, many(rows), "new")
        changed = many(rows).replace("030 / 1", "030 / 2").replace("Berlin", "Ulm")
        import_id = draft(acme, changed)
        chosen = stored(acme, import_id).mapping
        acme.client().post(f"{acme.url}/imports/{import_id}/start", data={"column": chosen, "way": "overwrite"})
        with counted_statements(acme.app) as counted:
            work_off(acme)
        assert stored(acme, import_id).updated >= rows - 10
        return len(counted)

    few = statements(10)
    assert statements(1000) == few
    assert few <= 40
