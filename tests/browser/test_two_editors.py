"""Two people change the same contact and the same complaint: the second sees both versions and loses nothing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import BROWSER, Visit
from tests.browser.house import House, Login
from tests.browser.visitor import Visitor

pytestmark = BROWSER

PASSWORD = "zwei Köpfe über einem Blatt"


def test_the_second_of_two_editors_sees_both_versions_of_a_contact(visit: Visit, house: House) -> None:
    owner, lea = visit(locale="de"), visit(locale="de", phone=True)
    login = house.open_firm("zweikopf", locale="de")
    owner.log_in(login)
    _invite(owner, lea, "zweikopf")
    owner.open("/zweikopf/contacts/new")
    owner.fill(given_name="Rita", family_name="Riss")
    owner.point("phone").fill("040 1111111")
    owner.submit()
    edit = f"{owner.page.url.removeprefix(house.url)}/edit"
    owner.open(edit)
    lea.open(edit)

    owner.fill(family_name="Riß", title="Dr.")
    owner.point("phone").fill("040 2222222")
    owner.submit()
    lea.fill(given_name="Margarita", family_name="Riss-Berg")
    lea.point("phone").fill("040 3333333")
    with lea.refused(409):
        lea.submit()

        _sees_who(lea, owner, "Academic title", "Last name", "Ways to reach")
        expect(lea.page.locator("#family_name")).to_be_focused()
        expect(lea.page.locator("#family_name-theirs")).to_contain_text("Riß")
        assert lea.page.locator('[name="title"]').input_value() == "Dr."
        lea.look()
        lea.picture("two-editors-contact-phone")
        lea.tab_to(lea.page.locator('[name="use-family_name"]'))
        lea.keys("Space")
        lea.submit()

    for words in ("Margarita Riß", "040 3333333"):
        lea.reads(words)
    expect(lea.page.locator("main h1")).to_have_text("Dr. Margarita Riß")


def test_the_second_of_two_editors_sees_both_versions_of_a_complaint(visit: Visit, house: House) -> None:
    owner, lea = visit(locale="de"), visit(locale="de", phone=True)
    login = house.open_firm("doppelt", locale="de")
    owner.log_in(login)
    _invite(owner, lea, "doppelt")
    plain = visit(locale="de", scripts=False)
    plain.log_in(Login("doppelt", _email("doppelt"), PASSWORD, "de"))
    owner.open("/doppelt/complaints/new")
    owner.fill(what="Die Pumpe leckt")
    owner.submit()
    shown = owner.page.url.removeprefix(house.url)
    owner.open(f"{shown}/edit")
    plain.open(f"{shown}/edit")

    owner.fill(what="Die Pumpe leckt am Flansch", details="Seit Montag")
    owner.page.locator('[name="priority"]').select_option("high")
    owner.submit()
    plain.fill(what="Die Pumpe leckt und riecht")
    with plain.refused(409):
        plain.submit()

        _sees_who(plain, owner, "What is wrong?", "Details", "Priority")
        expect(plain.page.locator("#what")).to_have_value("Die Pumpe leckt und riecht")
        expect(plain.page.locator("#details")).to_have_value("Seit Montag")
        plain.reads("Die Pumpe leckt am Flansch")
        plain.picture("two-editors-complaint-desk")
        plain.submit()
    expect(plain.page.locator("main h1")).to_contain_text("Die Pumpe leckt und riecht")
    plain.reads("Hoch")

    lea.open(f"{shown}/settle")
    owner.open(f"{shown}/settle")
    owner.fill(settled_how="Neue Dichtung")
    owner.submit()
    lea.fill(settled_how="Neue Pumpe")
    with lea.refused(409):
        lea.submit()
        expect(lea.page.locator("#settled_how-theirs")).to_contain_text("Neue Dichtung")
        lea.look()
        lea.picture("two-editors-settled-phone")
        lea.fill(settled_how="Neue Dichtung, die neue Pumpe kommt am Freitag")
        lea.submit()
    lea.reads("Neue Dichtung, die neue Pumpe kommt am Freitag")


def _sees_who(second: Visitor, first: Visitor, *fields: str) -> None:
    who = first.page.locator(".person span").last.inner_text()
    text = "%(who)s has changed this meanwhile: %(fields)s. Please choose where both versions differ."
    second.sees(text, who=who, fields=", ".join(second.say(field).rstrip("?") for field in fields))


def _email(slug: str) -> str:
    return f"lea@{slug}-gaeste.example"


def _invite(owner: Visitor, guest: Visitor, slug: str) -> None:
    owner.open(f"/{slug}/users/invite")
    owner.fill(name="Lea Lindner", email=_email(slug))
    owner.submit()
    guest.open("/mailbox")
    guest.page.locator("a.card").filter(has_text=_email(slug)).first.click()
    guest.page.locator('a[href*="/invitation/"]').click()
    guest.fill(password=PASSWORD)
    guest.submit()
    guest.sees("Welcome to %(firm)s.", firm=slug.title())
