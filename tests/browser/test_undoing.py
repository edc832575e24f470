"""A list from an old program comes in and goes out again; what somebody has worked on meanwhile stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)

ROWS = 4000
_LONG_MS = 90_000


def _list() -> bytes:
    """Semicolons and Windows-1252; one row is about a person who is known, and one stands there twice."""
    people = [f"Frau;Änne {n};Größ;aenne{n}@tischlerei.example;K-{n};Messe" for n in range(ROWS - 3)]
    mueller = "Herr;Jürgen;Müller;j.mueller@hafen.example;K-9000;VIP, Messe"
    known = "Frau;Zoë;Weiß;zoe@weiss.example;;"
    lines = ["Anrede;Vorname;Nachname;E-Mail;Kunden-Nr.;Schlagworte", mueller, known, mueller, *people]
    return "\r\n".join([*lines, ""]).encode("cp1252")


def test_an_import_is_undone_and_the_one_who_was_edited_is_named_and_kept(visit: Visit, house: House) -> None:
    ada = visit(locale="de")
    ada.log_in(house.open_firm("segelwerk", locale="de"))
    _enter_zoe(ada)

    _upload(ada)
    _see_what_would_come_of_it(ada)
    _import(ada)
    _edit_mueller(ada)
    _undo(ada)

    ada.open("/segelwerk/contacts")
    assert ada.names() == ["Jürgen Müller", "Zoë Weiß"]


def _enter_zoe(ada: Visitor) -> None:
    ada.open("/segelwerk/contacts/new")
    ada.fill(given_name="Zoë", family_name="Weiß", number="Z-77")
    ada.point("email").fill("zoe@weiss.example")
    ada.submit()
    ada.reads("Z-77")
    ada.look()


def _upload(ada: Visitor) -> None:
    ada.open("/segelwerk/imports/new")
    ada.page.locator('input[type="file"]').set_input_files(
        {"name": "Kundenliste.csv", "mimeType": "text/csv", "buffer": _list()}
    )
    ada.submit()


def _see_what_would_come_of_it(ada: Visitor) -> None:
    fields = {"Anrede": "Salutation", "Kunden-Nr.": "Customer number", "Schlagworte": "Tags"}
    for heading, field in fields.items():
        chosen = ada.page.get_by_label(heading).locator("option:checked")
        expect(chosen).to_have_text(ada.say(field))
    preview = ada.page.locator("#preview")
    expect(preview.locator(".import-met")).to_be_visible()
    expect(preview.get_by_role("link", name="Zoë Weiß")).to_be_visible()
    ada.sees("The same row stands further up already.")
    ada.look()
    ada.picture("import-duplicates")


def _import(ada: Visitor) -> None:
    ada.page.locator(".import-foot .button-primary").click()
    ada.sees("The list is being imported")
    expect(ada.page.get_by_text(ada.say("What came of it"))).to_be_visible(timeout=_LONG_MS)
    numbers = ada.page.locator(".import-numbers dd").all_inner_texts()
    assert numbers == ["3.998", "1", "1", "4.000"]


def _edit_mueller(ada: Visitor) -> None:
    ada.open("/segelwerk/contacts?q=K-9000")
    assert ada.names() == ["Jürgen Müller"]
    ada.press("Jürgen Müller")
    ada.press("Edit")
    ada.fill(title="Dr.")
    ada.submit()
    ada.reads("Dr. Jürgen Müller")


def _undo(ada: Visitor) -> None:
    ada.open("/segelwerk/imports")
    ada.press("Kundenliste.csv")
    ada.press("Undo the whole import")
    expect(ada.page.get_by_text(ada.say("Left as they are"), exact=True)).to_be_visible(timeout=_LONG_MS)
    expect(ada.page.locator(".import-kept a")).to_have_text(["Jürgen Müller"])
    ada.look()
    ada.picture("import-undone")


def test_columns_are_chosen_while_a_large_list_is_read(visit: Visit, house: House) -> None:
    ada = visit(locale="de", phone=True)
    ada.log_in(house.open_firm("werftwerk", locale="de"))
    rows = "".join(f"Änne {n};aenne{n}@tischlerei.example;irgendwas\n" for n in range(150_000))
    ada.open("/werftwerk/imports/new")
    ada.page.locator('input[type="file"]').set_input_files(
        {"name": "Kundenliste.csv", "mimeType": "text/csv", "buffer": f"Rufname;Mail;Was\n{rows}".encode()}
    )
    ada.submit()

    expect(ada.page.locator("#reading progress")).to_be_visible()
    ada.look()
    ada.picture("import-reading")
    ada.page.get_by_label("Rufname").select_option(label=ada.say("Last name"))
    expect(ada.page.locator("#reading .button-primary")).to_be_visible(timeout=_LONG_MS)
    expect(ada.page.get_by_label("Rufname").locator("option:checked")).to_have_text(ada.say("Last name"))
    ada.look()
    ada.press("Check")

    expect(ada.page.locator("#preview")).to_be_visible()
    expect(ada.page.get_by_label("Rufname").locator("option:checked")).to_have_text(ada.say("Last name"))
    ada.press("Do not import")
    ada.sees("The import is cancelled.")
