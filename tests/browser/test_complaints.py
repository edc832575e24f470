"""Something is broken at a customer's: entered on the phone, with a photo, and looked after at the desk."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.app.attachments.contents import PDF, picture
from tests.browser.conftest import BROWSER, Visit
from tests.browser.house import House
from tests.browser.visitor import Visitor

pytestmark = BROWSER

PHOTO = {"name": "IMG_2026.jpg", "mimeType": "image/jpeg", "buffer": picture("JPEG", size=(1200, 900))}


def test_a_complaint_with_a_photo_is_two_taps_and_typing_away(visit: Visit, house: House) -> None:
    owner = visit(locale="de", phone=True)
    owner.log_in(house.open_firm("kratzer", locale="de"))
    _add_contact(owner, "/kratzer", given_name="Rita", family_name="Riss")
    owner.open("/kratzer/")

    bar = owner.page.locator(".bottom-bar")
    bar.locator("summary.place-add").tap()
    bar.get_by_role("link", name=owner.say("New complaint")).tap()
    expect(owner.page.locator('[name="what"]')).to_be_focused()
    owner.types(title := "Die Scheibe ist zerkratzt, und zwar quer über das ganze linke Feld von oben bis unten")
    photo = owner.page.locator('[name="photo"]')
    _allow(photo, 1000)
    photo.set_input_files([PHOTO])
    owner.sees("This is too large: together at most %(most)s. Nothing was sent.", most="25 MB")
    owner.look()
    owner.picture("photo-too-large-on-the-phone")
    _allow(photo, 25_000_000)
    photo.set_input_files([PHOTO])
    expect(owner.page.locator(".field-error")).to_have_count(0)
    owner.page.locator('[name="from_whom"]').press_sequentially("ris")
    expect(owner.page.locator("datalist option")).to_have_attribute("value", "Rita Riss")
    owner.look()
    owner.picture("complaint-on-the-phone")
    owner.submit()

    expect(owner.page.locator("main h1")).to_have_text(re.compile(rf"R-\d{{4}}-0001 {title}"))
    owner.page.get_by_text(owner.say("Facts")).tap()
    owner.picture("complaint-entered-on-the-phone")
    owner.look()
    _until_the_picture_is_small(owner)
    assert owner.page.locator(".file-picture img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    owner.page.get_by_role("link", name="Rita Riss").click()
    expect(owner.page.locator("main h1")).to_have_text("Rita Riss")
    owner.page.get_by_text(owner.say("Facts")).tap()
    expect(owner.page.locator(".card").filter(has_text=title)).to_be_visible()
    owner.look()
    owner.picture("long-titles-on-the-phone")


def test_at_the_desk_it_is_acknowledged_documented_and_settled(visit: Visit, house: House) -> None:
    owner = visit(locale="en")
    owner.log_in(house.open_firm("seal", locale="en"))
    _add_two_of_one_name(owner, "/seal", family_name="Seal")
    owner.open("/seal/complaints")
    owner.look()
    owner.press("New complaint")
    owner.fill(what="The seal leaks", from_whom="Seal")
    owner.page.locator('[name="photo"]').set_input_files([{**PHOTO, "name": "leak.jpg"}])
    with owner.refused(422):
        owner.submit()
    owner.sees("Several are called this. Please choose who is meant.")
    owner.look()
    owner.picture("complaint-several-are-called-this")
    owner.page.locator('[name="choice"]').first.check()
    owner.submit()
    expect(owner.page.get_by_role("link", name="leak.jpg", exact=True)).to_be_visible()

    owner.press("Acknowledge")
    owner.sees("The complaint is acknowledged.")
    owner.press("Undo")
    owner.press("Acknowledge")
    # The page that is still shown would take the files along when the next one replaces it.
    expect(owner.page.get_by_role("button", name="Acknowledge", exact=True)).to_be_hidden()
    upload = owner.page.locator('.file-upload [type="file"]')
    owner.page.locator("[data-capture] textarea").fill("She sends a photo.")
    _allow(upload, 1000)
    upload.set_input_files([PHOTO])
    owner.sees("This is too large: together at most %(most)s. Nothing was sent.", most="25 MB")
    expect(owner.page.locator("[data-capture] textarea")).to_have_value("She sends a photo.")
    owner.look()
    owner.picture("file-too-large-at-the-desk")
    _allow(upload, 25_000_000)
    upload.set_input_files([PHOTO, {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": PDF}])
    owner.sees("The files are attached.")
    owner.look()
    owner.picture("complaint-at-the-desk")
    owner.page.get_by_role("button", name="Remove offer.pdf").click()
    owner.press("Undo")
    expect(owner.page.get_by_role("link", name="offer.pdf", exact=True)).to_be_visible()
    owner.press("Settle")
    owner.fill(settled_how="A new seal was sent.")
    owner.submit()

    owner.sees("The complaint is settled.")
    owner.reads("A new seal was sent.")
    owner.goes("Complaints")
    owner.look()
    owner.picture("complaints-at-the-desk")


def test_without_scripts_files_are_sent_by_a_button(visit: Visit, house: House) -> None:
    owner = visit(locale="en", scripts=False)
    owner.log_in(house.open_firm("plain", locale="en"))
    _add_contact(owner, "/plain", family_name="Plain")

    owner.page.get_by_role("link", name="Show more").click()
    owner.page.locator('.file-upload [type="file"]').set_input_files([PHOTO])
    owner.press("Attach")

    owner.sees("The file is attached.")
    owner.page.get_by_role("link", name="Show more").click()
    expect(owner.page.get_by_role("link", name="IMG_2026.jpg", exact=True)).to_be_visible()


def _allow(upload: Locator, most: int) -> None:
    """As if so many bytes were the bound, so that nobody has to send more than 25 MB."""
    upload.evaluate("(input, most) => { input.dataset.mostBytes = most }", most)


def _until_the_picture_is_small(visitor: Visitor) -> None:
    """A worker makes it, so the page that follows at once may not have it yet."""
    for _ in range(60):
        if visitor.page.locator(".file-picture img").count():
            break
        visitor.page.wait_for_timeout(500)
        visitor.page.reload()
        visitor.page.get_by_text(visitor.say("Facts")).tap()
    expect(visitor.page.locator(".file-picture img")).to_be_visible()


def _add_two_of_one_name(owner: Visitor, root: str, **names: str) -> None:
    _add_contact(owner, root, **names)
    with owner.refused(409):
        _add_contact(owner, root, **names)
    owner.sees("This may be here already:")
    owner.look()
    owner.picture("contact-that-may-be-here-already")
    owner.submit()
    owner.sees("The contact is saved.")


def _add_contact(visitor: Visitor, root: str, **names: str) -> None:
    visitor.open(f"{root}/contacts/new")
    visitor.fill(**names)
    visitor.submit()
