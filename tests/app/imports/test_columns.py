from __future__ import annotations

import pytest
from flask import Flask

from tests.app.imports.lists import columns, draft, launch, stored
from tests.firms import Firm


def proposed(app: Flask, headings: list[str], *rows: list[str], entity: str = "contact") -> list[str]:
    from app.core.entities import entity_types
    from app.imports import mapping

    with app.test_request_context():
        return mapping.proposed(entity_types.named(entity), headings, rows)


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["Anrede", "Titel", "Vorname", "Nachname"], ["salutation", "title", "given_name", "family_name"]),
        (["First Name", "Last Name", "Job Title"], ["given_name", "family_name", "role"]),
        (["Firma", "Name", "E-Mail-Adresse", "Handy"], ["company", "whole_name", "email", "mobile"]),
        (["Name", "Vorname", "Ort"], ["family_name", "given_name", "city"]),
        (["STRASSE", "Plz", "ORT", "Land"], ["street", "postal_code", "city", "country"]),
        (["Straße geschäftlich", "Telefon (geschäftlich)"], ["street", "phone"]),
        (["Business Phone", "E-mail Address", "Home Street"], ["phone", "email", "street"]),
        (["E-Mail", "E-Mail 2", "E-Mail 3"], ["email", "email_2", ""]),
        (["Telefon", "Telefon privat"], ["phone", ""]),
        (["Umsatz", ""], ["", ""]),
    ],
)
def test_headings_of_both_languages_are_recognised(app: Flask, headings: list[str], fields: list[str]) -> None:
    assert proposed(app, headings) == fields


def test_columns_without_a_known_heading_are_recognised_by_their_contents(app: Flask) -> None:
    rows = [[f"a{n}@example.com", f"0{n}0 / 12345{n}", f"1011{n}", f"Nr. {n}"] for n in range(1, 6)]

    assert proposed(app, ["A", "B", "C", "D"], *rows) == ["email", "phone", "postal_code", ""]


def test_a_company_list_is_recognised_too(app: Flask) -> None:
    assert proposed(app, ["Firmenname", "Branche", "Homepage"], entity="company") == [
        "name",
        "industry",
        "website",
    ]


def test_the_page_shows_headings_samples_choices_and_the_rows_as_they_will_be_saved(acme: Firm) -> None:
    import_id = draft(acme, "Anrede;Nachname;Was\nHerrn;  Müller ;x1\nFrau;Groß;\nDame;Klein;\n")

    page = acme.client().get(f"{acme.url}/imports/{import_id}").text

    assert "Herrn · Frau · Dame" in page
    assert "Leave out" in page
    assert "2 rows are fine, 1 would be refused." in page
    assert "Salutation: Please choose one of the entries." in page
    assert "Import 2 rows" in page


def test_chosen_columns_are_kept_and_found_again(acme: Firm) -> None:
    import_id = draft(acme, "A;B\nHans;Müller\n")
    client = acme.client()

    answer = client.post(f"{acme.url}/imports/{import_id}/columns", data={"column": ["given_name", "family_name"]})

    assert answer.status_code == 303
    assert columns(acme, import_id) == ["given_name", "family_name"]
    assert "All 1 rows are fine." in client.get(answer.location.partition("#")[0]).text


def test_nothing_begins_without_the_columns_that_are_needed(acme: Firm) -> None:
    import_id = draft(acme, "Nachname;Ort\nMüller;Ulm\n")

    answer = launch(acme, import_id, ["", "city"])

    assert answer.status_code == 422
    assert "A contact needs a first name or a last name." in answer.text
    assert stored(acme, import_id).state == "draft"


def test_one_field_is_not_taken_from_two_columns(acme: Firm) -> None:
    import_id = draft(acme, "Nachname;Ort\nMüller;Ulm\n")

    answer = launch(acme, import_id, ["family_name", "family_name"])

    assert answer.status_code == 422
    assert "“Last name” is chosen for more than one column." in answer.text


def test_what_is_no_field_is_left_out(acme: Firm) -> None:
    import_id = draft(acme, "Nachname;Ort\nMüller;Ulm\n")

    acme.client().post(f"{acme.url}/imports/{import_id}/columns", data={"column": ["family_name", "id", "deleted_at"]})

    assert columns(acme, import_id) == ["family_name", ""]


def test_the_columns_of_a_running_import_stay_as_they_are(acme: Firm) -> None:
    import_id = draft(acme, "Nachname;Ort\nMüller;Ulm\n")
    launch(acme, import_id)

    answer = acme.client().post(f"{acme.url}/imports/{import_id}/columns", data={"column": ["city", ""]})

    assert answer.status_code == 409
    assert columns(acme, import_id) == ["family_name", "city"]
