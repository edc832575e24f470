"""Search as one types."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import GERMAN


def test_results_follow_the_typing_and_the_address_keeps_in_step(visit: Visit) -> None:
    mia = visit(locale="de")
    mia.log_in(GERMAN)
    mia.goes("Contacts")
    everybody = mia.names()

    box = mia.page.locator(".list-search input[type=search]")
    box.press_sequentially("muell", delay=60)
    expect(mia.page).to_have_url(re.compile(r"/contacts\?q=muell$"))
    expect(mia.page.locator("main [data-row]").first).to_contain_text(re.compile("m(ü|ue)ll", re.I))
    assert 0 < len(mia.names()) < len(everybody)

    box.fill("")
    expect(mia.page).to_have_url(re.compile(r"/contacts$"))
    expect(mia.page.locator("main [data-row]")).to_have_count(len(everybody))

    box.press_sequentially("xyzxyz", delay=20)
    mia.sees("Nothing found")
    mia.look()


def test_order_and_filter_stay_while_searching_and_the_way_back_leads_to_the_same_list(visit: Visit) -> None:
    mia = visit(locale="de")
    mia.log_in(GERMAN)
    mia.goes("Contacts")
    mia.page.locator("th").get_by_role("link", name=mia.say("Last changed")).click()
    expect(mia.page).to_have_url(re.compile("sort=recent"))
    mia.page.locator('select[name="reach"]').select_option("email")
    expect(mia.page).to_have_url(re.compile("reach=email"))

    mia.page.locator(".list-search input[type=search]").press_sequentially("er", delay=60)

    expect(mia.page).to_have_url(re.compile("q=er"))
    expect(mia.page).to_have_url(re.compile("sort=recent"))
    expect(mia.page).to_have_url(re.compile("reach=email"))
    expect(mia.page.locator("th[aria-sort]")).to_contain_text(mia.say("Last changed"))
    expect(mia.page.locator('select[name="reach"]')).to_have_value("email")
    mia.look()
    address, names = mia.page.url, mia.names()

    mia.page.locator("main [data-row]").nth(1).click()
    expect(mia.page.locator("main h1")).to_have_text(names[1])
    mia.page.go_back()

    expect(mia.page).to_have_url(address)
    expect(mia.page.locator("main [data-row]").first).to_have_text(names[0])
    assert mia.names() == names
    expect(mia.page.locator(".list-search input[type=search]")).to_have_value("er")


def test_enter_in_the_search_box_shows_all_hits(visit: Visit) -> None:
    mia = visit(locale="de")
    mia.log_in(GERMAN)

    mia.page.locator("[data-search-box]").fill("hamburg")
    mia.page.keyboard.press("Enter")

    expect(mia.page).to_have_url(re.compile(r"/search\?q=hamburg"))
    expect(mia.page.locator("main .hit").first).to_be_visible()
    mia.look()
