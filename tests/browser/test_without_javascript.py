"""Every form and every search works without JavaScript too."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import GERMAN
from tests.browser.lists import another_customer_list
from tests.browser.visitor import Visitor


def test_search_enter_edit_delete_and_take_back_without_javascript(visit: Visit) -> None:
    mia = visit(locale="de", scripts=False)
    mia.log_in(GERMAN)

    _search(mia)
    _enter(mia)
    _edit(mia)
    _write_a_note(mia)
    _delete_and_take_back(mia)


def test_a_list_is_imported_without_javascript(visit: Visit) -> None:
    mia = visit(locale="de", scripts=False)
    mia.log_in(GERMAN)

    mia.open("/nordlicht/imports/new")
    file = {"name": "Kundenliste.csv", "mimeType": "text/csv", "buffer": another_customer_list()}
    mia.page.locator('input[type="file"]').set_input_files(file)
    mia.submit()
    mia.sees("%(fine)s rows are fine, %(refused)s would be refused.", fine="28", refused="2")
    mia.page.locator(".import-foot .button-primary").click()

    mia.sees("What came of it")
    assert mia.page.locator(".import-numbers dd").all_inner_texts() == ["28", "2", "30"]


def _search(mia: Visitor) -> None:
    mia.goes("Contacts")
    mia.page.locator(".list-search input[type=search]").fill("obermüller")
    mia.page.keyboard.press("Enter")
    expect(mia.page).to_have_url(re.compile("q=oberm"))
    assert mia.names() == ["Resi Obermüller"]
    mia.page.locator("[data-search-box]").fill("obermueller")
    mia.page.keyboard.press("Enter")
    expect(mia.page.locator("main .hit").first).to_contain_text("Resi Obermüller")


def _enter(mia: Visitor) -> None:
    mia.open("/nordlicht/contacts/new")
    mia.fill(given_name="Ohne", family_name="Skript")
    mia.point("phone").fill("0431 12345")
    with mia.refused(422):
        mia.page.locator('[name="add_point"][value="email"]').click()
    expect(mia.page.locator('[name="given_name"]')).to_have_value("Ohne")
    expect(mia.page.locator("[data-point]")).to_have_count(3)
    mia.page.locator("[data-point] .point-value").last.fill("ohne.skript@firma.example")
    mia.submit()
    mia.sees("The contact is saved.")
    mia.reads("0431 12345")
    expect(mia.page.locator(".fact-list")).to_contain_text("ohne.skript@firma.example")


def _edit(mia: Visitor) -> None:
    mia.press("Edit")
    mia.fill(family_name="Skriptlos")
    mia.submit()
    expect(mia.page.locator("main h1")).to_have_text("Ohne Skriptlos")


def _write_a_note(mia: Visitor) -> None:
    mia.page.locator("[data-capture] textarea").fill("Liest Mails nur im Textmodus.")
    mia.page.locator("[data-capture] button").click()
    expect(mia.page.locator(".timeline-entry").first).to_contain_text("Liest Mails nur im Textmodus.")


def _delete_and_take_back(mia: Visitor) -> None:
    mia.page.locator(".top-bar details.menu summary").click()
    mia.press("Delete")
    mia.sees("The contact is in the recycle bin.")
    mia.open("/nordlicht/recycle-bin")
    row = mia.page.locator(".plain-row").filter(has_text="Ohne Skriptlos")
    row.get_by_role("button", name=mia.say("Restore")).click()
    expect(mia.page.locator("main h1")).to_have_text("Ohne Skriptlos")
    mia.open("/nordlicht/contacts?q=Skriptlos")
    assert mia.names() == ["Ohne Skriptlos"]
