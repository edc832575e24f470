"""What the house is for: a firm signs up, imports its list, finds Müller, notes a call and sees who changed what."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.lists import ROWS, customer_list
from tests.browser.visitor import Visitor

EMAIL = "petra.lange@dachbau-lange.example"


def test_a_firm_signs_up_imports_its_list_finds_mueller_and_sees_who_changed_what(visit: Visit) -> None:
    petra = visit(locale="de", calm=False)

    _sign_up(petra)
    _confirm_by_mail(petra)
    _empty_account_says_what_to_do(petra)
    _import(petra)
    _find_mueller_by_his_number(petra)
    _edit_his_number(petra)
    _note_a_call_on_the_phone(petra)
    _see_who_changed_what(petra)
    _log_out(petra)


def _sign_up(petra: Visitor) -> None:
    petra.open("/signup")
    petra.look()
    petra.fill(firm="Dachbau Lange", name="Petra Lange", email="petra@")
    with petra.refused(422):
        petra.submit()
        petra.look()
    petra.fill(email=EMAIL)
    petra.submit()
    petra.sees("Check your inbox")
    petra.look()


def _confirm_by_mail(petra: Visitor) -> None:
    petra.press("Open the mailbox")
    petra.look()
    petra.page.locator("a.card").filter(has_text=EMAIL).first.click()
    petra.look()
    petra.page.locator('a[href*="/signup/confirm/"]').click()
    petra.look()
    petra.fill(password="zu kurz")
    with petra.refused(422):
        petra.submit()
        petra.look()
    petra.fill(password="vier Ziegel auf dem Dach")
    petra.press("Confirm and start")


def _empty_account_says_what_to_do(petra: Visitor) -> None:
    expect(petra.page).to_have_url(re.compile("/dachbau-lange/$"))
    petra.sees("Welcome to Kontor. %(firm)s is ready.", firm="Dachbau Lange")
    petra.sees("Import a list")
    petra.look()
    petra.picture("first-steps")
    petra.goes("Contacts")
    petra.sees("No contacts yet")
    petra.look()


def _import(petra: Visitor) -> None:
    petra.open("/dachbau-lange/imports/new")
    petra.look()
    petra.page.locator('input[type="file"]').set_input_files(
        {"name": "Kundenliste.csv", "mimeType": "text/csv", "buffer": customer_list()}
    )
    petra.submit()
    petra.sees("Which column is what?")
    petra.look()
    assert _chosen(petra.page, "Rückruf unter") == petra.say("Leave out")
    petra.page.get_by_label("Rückruf unter").select_option(label=petra.say("Mobile phone"))
    petra.press("Check")
    petra.sees("%(fine)s rows are fine, %(refused)s would be refused.", fine="28", refused="2")
    petra.look()
    petra.picture("columns")
    petra.page.locator(".import-foot .button-primary").click()
    petra.sees("What came of it")
    petra.look()
    petra.picture("report")
    numbers = petra.page.locator(".import-numbers dd").all_inner_texts()
    assert numbers == ["28", "2", str(ROWS)]
    petra.sees("A contact needs a first name or a last name.")


def _find_mueller_by_his_number(petra: Visitor) -> None:
    petra.page.locator("[data-search-box]").press_sequentially("040 5550199", delay=20)
    hit = petra.page.locator("#quick-results a").filter(has_text="Jürgen Müller")
    expect(hit).to_be_visible()
    petra.look()
    petra.picture("quick-search")
    hit.click()
    expect(petra.page.locator("main h1")).to_have_text("Jürgen Müller")
    petra.reads("Hafen & Söhne KG")
    petra.look()


def _edit_his_number(petra: Visitor) -> None:
    petra.press("Edit")
    petra.look()
    petra.point("phone").fill("+49 40 555 02 00")
    petra.submit()
    petra.reads("+49 40 555 02 00")


def _note_a_call_on_the_phone(petra: Visitor) -> None:
    petra.page.set_viewport_size(PHONE)
    petra.page.reload()
    petra.page.locator("[data-capture] textarea").fill("Herr Müller will das Angebot bis Freitag.")
    petra.page.locator("[data-capture] .choice").filter(has_text=petra.say("Call")).click()
    petra.look()
    petra.picture("call-on-the-phone")
    petra.page.locator("[data-capture] button").click()
    entry = petra.page.locator(".timeline-entry").first
    expect(entry).to_contain_text("Herr Müller will das Angebot bis Freitag.")
    expect(entry).to_contain_text(petra.say("Call"))
    expect(entry).to_contain_text("Petra Lange")
    petra.look()
    petra.page.set_viewport_size(DESK)


def _see_who_changed_what(petra: Visitor) -> None:
    entry = petra.page.locator(".timeline-entry").filter(has_text="+49 40 555 02 00")
    expect(entry).to_contain_text("Petra Lange")
    expect(entry.locator("del")).to_have_text("+49 (40) 555-01 99")
    expect(entry.locator("ins")).to_have_text("+49 40 555 02 00")
    petra.picture("who-changed-what")


def _log_out(petra: Visitor) -> None:
    petra.page.locator("summary.person").click()
    petra.press("Log out")
    expect(petra.page).to_have_url(re.compile("/login"))
    petra.open("/dachbau-lange/contacts")
    expect(petra.page).to_have_url(re.compile("/login"))
    petra.look()


def _chosen(page: Page, heading: str) -> str:
    return page.get_by_label(heading).evaluate("select => select.selectedOptions[0].label")
