"""A working day with tasks: written on a contact, named a colleague in it, ticked off and back, on desk and phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tenants import clock
from tests.browser.conftest import BROWSER, Visit
from tests.browser.house import GERMAN
from tests.browser.visitor import Visitor

pytestmark = BROWSER


def _box(mia: Visitor, kind: str, text: str) -> None:
    mia.page.locator("[data-capture] .choice").filter(has_text=mia.say(kind)).click()
    mia.page.locator("[data-capture] textarea").fill(text)


def _first_contact(mia: Visitor) -> None:
    mia.open("/nordlicht/contacts?q=Ohlsen")
    mia.page.locator("main [data-row]").first.click()
    expect(mia.page.locator("main h1")).to_contain_text("Ohlsen")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_task_is_written_named_ticked_off_and_taken_back(visit: Visit, phone: bool) -> None:
    mia = visit(phone=phone)
    mia.log_in(GERMAN)
    _first_contact(mia)
    size = "phone" if phone else "desk"
    text = f"Muster schicken ({size})"

    _box(mia, "Task", text)
    overdue = clock.now().date() - timedelta(days=2)
    mia.page.locator("[data-capture] [name=due_on]").fill(overdue.isoformat())
    mia.page.locator("[data-capture] textarea").press_sequentially(" @To")
    expect(mia.page.locator(".mention-list").get_by_text("@Tom Keller")).to_be_visible()
    mia.picture(f"mention-offered-{size}")
    mia.page.keyboard.press("Enter")
    expect(mia.page.locator("[data-capture] textarea")).to_have_value(f"{text} @Tom Keller ")
    mia.look()
    mia.picture(f"task-written-{size}")
    mia.page.locator("[data-capture] .button-primary").click()
    entry = mia.page.locator(".timeline-entry").first
    expect(entry.locator(".mention")).to_have_text("@Tom Keller")
    mia.look()
    mia.picture(f"task-on-timeline-{size}")

    mia.open("/nordlicht/tasks")
    mia.sees("Overdue")
    row = mia.page.locator(".task").filter(has_text=text)
    mia.look()
    mia.picture(f"tasks-{size}")
    row.get_by_role("button", name=mia.say("Tick off")).click()
    mia.sees("The task is done.")
    expect(row).to_have_count(0)
    mia.press("Undo")
    expect(row).to_have_count(1)


def test_the_box_asks_for_what_its_kind_needs_without_javascript_too(visit: Visit) -> None:
    mia = visit(scripts=False)
    mia.log_in(GERMAN)
    _first_contact(mia)
    due, when = mia.page.locator("[data-capture] [name=due_on]"), mia.page.locator("[data-capture] [name=when]")

    expect(due).to_be_hidden()
    expect(when).to_be_hidden()
    _box(mia, "Call", "Angerufen.")
    expect(when).to_be_visible()
    _box(mia, "Task", "Zurückrufen, @Aylin")
    expect(due).to_be_visible()
    expect(when).to_be_hidden()

    mia.page.locator("[data-capture] .button-primary").click()
    expect(mia.page.locator(".timeline-entry").first.locator(".mention")).to_have_text("@Aylin")


def test_what_was_refused_comes_back_into_the_box(visit: Visit) -> None:
    mia = visit()
    mia.log_in(GERMAN)
    _first_contact(mia)

    _box(mia, "Task", "Wöchentlich nachfassen")
    mia.page.locator("[data-capture] [name=repeats]").select_option("weekly")
    with mia.refused(422):
        mia.page.locator("[data-capture] .button-primary").click()
        mia.sees("What repeats needs a day to count from.")
    expect(mia.page.locator("[data-capture] textarea")).to_have_value("Wöchentlich nachfassen")
    mia.look()
    mia.picture("task-refused")
