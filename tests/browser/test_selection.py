"""Many rows at once: checked by key or finger, changed, and changed back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import GERMAN
from tests.browser.visitor import Visitor


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_rows_are_selected_tagged_and_found_by_the_tag(visit: Visit, phone: bool) -> None:
    mia = visit(locale="de", phone=phone)
    mia.log_in(GERMAN)
    mia.open("/nordlicht/contacts")
    bar = mia.page.locator(".selection-bar")
    expect(bar).to_be_hidden()

    if phone:
        _check(mia, 2)
    else:
        mia.keys("j", "x", "j", "x")

    expect(bar).to_be_visible()
    expect(bar.locator(".selection-count")).to_have_text(mia.say("__ rows are selected").replace("__", "2"))
    mia.look()
    mia.picture(f"selection-{'phone' if phone else 'desk'}")
    bar.locator('[name="tag"]').fill("Messe")
    mia.press("Add tag")
    expect(mia.page.locator(".toast")).to_be_visible()
    mia.page.locator('.list-bar [name="tag"]').select_option(label="Messe")
    expect(mia.page.locator("main [data-row]")).to_have_count(2)


def test_rows_are_deleted_and_brought_back_without_javascript(visit: Visit) -> None:
    mia = visit(locale="de", scripts=False)
    mia.log_in(GERMAN)
    mia.open("/nordlicht/contacts?sort=-name")
    before = mia.names()

    _check(mia, 3)
    mia.page.locator('.selection-bar [value="selection.delete"]').click()

    expect(mia.page.locator("main [data-row]").first).to_have_text(before[3])
    mia.page.locator(".toast form button").first.click()
    mia.open("/nordlicht/contacts?sort=-name")
    assert mia.names() == before


def _check(mia: Visitor, rows: int) -> None:
    for box in mia.page.locator('.row-check input[name="id"]').all()[:rows]:
        box.check()
