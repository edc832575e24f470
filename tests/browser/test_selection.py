"""Many rows at once: checked by key or finger, changed, and changed back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import BROWSER, Visit
from tests.browser.house import GERMAN
from tests.browser.visitor import Visitor

pytestmark = BROWSER


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_rows_are_selected_tagged_and_found_by_the_tag(visit: Visit, phone: bool) -> None:
    mia = visit(locale="de", phone=phone)
    mia.page.clock.install()
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
    mia.press("Add tag")
    expect(bar.locator(".selection-count")).to_have_text(mia.say("__ rows are selected").replace("__", "2"))
    bar.locator('[name="tag"]').fill(tag := "Messe" if phone else "Rundbrief")
    mia.press("Add tag")
    mia.page.clock.fast_forward("00:20")
    toast = mia.page.locator(".toast").filter(has=mia.page.locator("form"))
    expect(toast).to_be_visible()
    _check(mia, 1)
    mia.picture(f"selection-and-toast-{'phone' if phone else 'desk'}")
    _does_not_cover(toast, bar)
    _to(mia, "Companies")
    expect(toast).to_be_visible()
    _to(mia, "Contacts")
    expect(toast).to_have_count(0)
    mia.page.locator('.list-bar [name="tag"]').select_option(label=tag)
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


def _to(mia: Visitor, place: str) -> None:
    """Into a room as somebody goes there, without loading everything anew."""
    mia.page.get_by_role("link", name=mia.say(place), exact=True).filter(visible=True).first.click()
    expect(mia.page.locator("main h1, .crumbs h1").first).to_have_text(mia.say(place))


def _does_not_cover(above: Locator, below: Locator) -> None:
    one, other = above.bounding_box(), below.bounding_box()
    assert one is not None
    assert other is not None
    assert one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
