"""A list as somebody wants it: narrowed line by line, with other columns, kept under a name for everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.house import GERMAN
from tests.browser.visitor import Visitor


def _rows(one: Visitor) -> Locator:
    return one.page.locator("main [data-row]")


def _press(one: Visitor, target: Locator, key: str = "Enter") -> None:
    """Reached by Tab, pressed by key."""
    expect(target).to_be_visible()
    target.focus()
    assert one.focus_is_visible()
    one.page.keyboard.press(key)
    one.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_list_is_narrowed_kept_for_everybody_and_shown_with_other_columns(visit: Visit, phone: bool) -> None:
    size = "phone" if phone else "desk"
    mia = visit(locale="de", phone=phone)
    mia.log_in(GERMAN)
    mia.open("/nordlicht/contacts?view=all")
    before = _rows(mia).count()

    _narrow_to_two_cities(mia, size)
    expect(mia.page.locator(".filter-pill")).to_have_count(1)
    assert 0 < _rows(mia).count() < before
    mia.look()
    mia.picture(f"views-narrowed-{size}")

    found = _rows(mia).count()
    _keep_for_everybody(mia, f"Förde {size}", size)
    expect(mia.page.locator(".view-tabs [aria-current]")).to_have_text(f"Förde {size}")
    assert _rows(mia).count() == found

    _put_the_phone_first(mia, size)
    if not phone:
        expect(mia.page.locator("thead th").nth(1)).to_contain_text(mia.say("Phone"))
    mia.picture(f"views-columns-chosen-{size}")
    mia.open("/nordlicht/contacts?view=all")
    assert _rows(mia).count() == before
    _forget_columns(mia)


def _narrow_to_two_cities(mia: Visitor, size: str) -> None:
    editor = mia.page.locator(".filter-editor")
    _press(mia, editor.locator("summary"))
    for place, city in enumerate(("Kiel", "Ulm")):
        editor.locator('[name="new"]').select_option("city")
        _press(mia, editor.get_by_role("button", name=mia.say("Add line")))
        # The new line has the keyboard.
        expect(editor.locator(f'[name="value-{place}"]')).to_be_focused()
        mia.page.keyboard.type(city)
        if place:
            editor.locator('[name="join-1"]').select_option("or")
    mia.look()
    mia.picture(f"views-editor-{size}")
    editor.locator('[name="value-1"]').focus()
    mia.page.keyboard.press("Enter")
    expect(mia.page.locator(".filter-pill")).to_be_focused()


def _keep_for_everybody(mia: Visitor, name: str, size: str) -> None:
    menu = mia.page.locator(".view-menu")
    _press(mia, menu.locator("summary"))
    menu.locator('[name="name"]').fill(name)
    menu.locator('[name="shared"]').check()
    mia.look()
    mia.picture(f"views-menu-{size}")
    menu.locator('[name="name"]').press("Enter")
    mia.page.wait_for_load_state("networkidle")


def _put_the_phone_first(mia: Visitor, size: str) -> None:
    mia.page.get_by_role("link", name=mia.say("Columns"), exact=True).focus()
    mia.page.keyboard.press("Enter")
    rows = mia.page.locator(".column-row")
    expect(rows.first).to_be_visible()
    up = mia.page.locator('button[value="up:phone"]')
    while up.is_enabled():
        place = rows.locator('[name="order"]').evaluate_all("all => all.findIndex(one => one.value === 'phone')")
        _press(mia, up)
        expect(rows.nth(place - 1).locator('[name="order"]')).to_have_value("phone")
    mia.look()
    mia.picture(f"views-columns-{size}")
    mia.page.locator('.form-foot [value="save"]').focus()
    mia.page.keyboard.press("Enter")
    expect(mia.page.locator(".view-tabs")).to_be_visible()


def _forget_columns(mia: Visitor) -> None:
    mia.open("/nordlicht/lists/columns?entity=contact")
    mia.page.locator('[value="usual"]').click()
    expect(mia.page.locator(".view-tabs")).to_be_visible()


def test_a_list_is_narrowed_without_javascript(visit: Visit) -> None:
    mia = visit(locale="de", scripts=False)
    mia.log_in(GERMAN)
    mia.open("/nordlicht/contacts?view=all")

    mia.page.locator(".filter-editor summary").click()
    mia.page.locator('.filter-editor [name="new"]').select_option("created_at")
    mia.page.locator('.filter-foot [value="add"]').click()
    mia.page.locator('[name="op-0"]').select_option("next_days")
    mia.page.locator('[name="days-0"]').fill("0")
    mia.page.locator('.filter-foot [value="apply"]').click()

    expect(mia.page.locator(".filter-pill")).to_have_count(1)
