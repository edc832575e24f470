"""A complaint is entered on the road; whoever must know is told at once, and again when nobody looks after it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from app.escalation.hours import Hours
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)

SLUG = "werkbank"
EMAIL = "tom@werkbank.example"
OFFICE = Hours(zone=ZoneInfo("Europe/Berlin"), region="DE")
SOON_MS = 20_000


def test_what_is_entered_on_the_road_reaches_whoever_must_know(visit: Visit, house: House) -> None:
    owner, tom = visit(locale="de"), visit(locale="de", phone=True)
    owner.log_in(house.open_firm(SLUG, locale="de"))
    _hire(owner, tom)
    owner.open(f"/{SLUG}/contacts")
    expect(bell(owner)).to_have_count(0)

    with house.another_time() as travel:
        _complain(tom, "Das Sägeblatt ist stumpf")
        expect(bell(owner)).to_have_text("1", timeout=SOON_MS)
        _read_inbox(owner)
        _read_mail(owner)

        late = OFFICE.after(datetime.now(UTC), minutes=8 * 60)
        travel(late - datetime.now(UTC) - timedelta(minutes=10))
        expect(bell(owner)).to_have_count(0)
        travel(timedelta(minutes=11))
        expect(bell(owner)).to_have_text("1", timeout=SOON_MS)
        owner.open(f"/{SLUG}/notifications")
        owner.sees("Nobody has acted on this in time; it has reached level %(level)d.", level=2)
        owner.picture("inbox-late")

    _see_usage(owner)
    _see_console(visit(locale="de"), house)


def bell(visitor: Visitor) -> Locator:
    return visitor.page.locator(".bell-count")


def _hire(owner: Visitor, tom: Visitor) -> None:
    owner.open(f"/{SLUG}/users")
    owner.press("Invite")
    owner.fill(name="Tom Keller", email=EMAIL)
    owner.page.locator('[name="role"]').select_option("member")
    owner.submit()
    tom.open("/mailbox")
    tom.page.locator("a.card").filter(has_text=EMAIL).first.click()
    tom.page.locator('a[href*="/invitation/"]').click()
    tom.fill(password="drei Späne auf der Werkbank")
    tom.submit()


def _complain(tom: Visitor, what: str) -> None:
    tom.open(f"/{SLUG}/")
    bar = tom.page.locator(".bottom-bar")
    bar.locator("summary.place-add").tap()
    bar.get_by_role("link", name=tom.say("New complaint")).tap()
    tom.fill(what=what)
    tom.submit()


def _read_inbox(owner: Visitor) -> None:
    """The page was not loaded anew meanwhile, and opening what it tells of ends the count."""
    bell(owner).click()
    owner.sees("%(who)s has entered this.", who="Tom Keller")
    owner.look()
    owner.picture("inbox")
    _see_records(owner)
    owner.page.locator("main [data-row]").first.click()
    expect(owner.page.locator("main h1")).to_contain_text("Das Sägeblatt ist stumpf")
    expect(bell(owner)).to_have_count(0)


def _see_records(owner: Visitor) -> None:
    """What one notification tells of, one record or many, has a page of its own."""
    told = str(owner.page.locator("main [data-row]").first.get_attribute("href"))
    owner.open(f"{told}/records")
    expect(owner.page.locator("main .timeline-entry")).to_have_count(1)
    owner.look()
    owner.picture("inbox-records")
    owner.open(f"/{SLUG}/notifications")


def _read_mail(owner: Visitor) -> None:
    owner.open("/mailbox")
    owner.page.locator("a.card").filter(has_text="Das Sägeblatt ist stumpf").first.click()
    owner.reads("Tom Keller hat dies eingetragen.")
    owner.page.locator(f'a[href*="/{SLUG}/notifications/"]').click()
    expect(owner.page.locator("main h1")).to_contain_text("Das Sägeblatt ist stumpf")


def _see_console(operator: Visitor, house: House) -> None:
    operator.log_in_as_operator(house.operator("olga@betrieb.example"))
    operator.open(f"/operator?q={SLUG}")
    operator.reads(SLUG.title())
    operator.look()
    operator.picture("console-of-the-firm")


def _see_usage(owner: Visitor) -> None:
    owner.open(f"/{SLUG}/usage")
    expect(owner.page.locator(".usage-figures dd").first).not_to_have_text(re.compile(r"^(0|–)"))
    owner.look()
    owner.picture("usage")
