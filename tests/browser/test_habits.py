"""Small things that people rely on without noticing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import ENGLISH, GERMAN, House


def test_colours_and_language_stay_as_they_were_chosen(visit: Visit, house: House) -> None:
    owner = visit(locale="de")
    owner.log_in(house.open_firm("farbenfroh", locale="de"))
    html, side = owner.page.locator("html"), owner.page.locator(".side-foot")

    side.get_by_role("button", name=owner.say("Use light colours")).click()
    expect(html).to_have_attribute("data-theme", "light")
    side.get_by_role("button", name=owner.say("Use dark colours")).click()
    expect(html).to_have_attribute("data-theme", "dark")
    owner.page.reload()
    expect(html).to_have_attribute("data-theme", "dark")
    owner.look()

    side.get_by_role("button", name="English").click()
    expect(html).to_have_attribute("lang", "en")
    owner.page.reload()
    expect(html).to_have_attribute("lang", "en")
    expect(html).to_have_attribute("data-theme", "dark")
    owner.look()


def test_what_was_deleted_by_mistake_comes_back_by_one_press(visit: Visit, house: House) -> None:
    owner = visit(locale="de")
    owner.log_in(house.open_firm("versehen", locale="de"))
    owner.open("/versehen/contacts/new")
    owner.fill(given_name="Vera", family_name="Sehen")
    owner.submit()

    owner.page.locator(".top-bar details.menu summary").click()
    owner.press("Delete")
    owner.sees("The contact is in the recycle bin.")
    owner.look()
    owner.press("Undo")

    expect(owner.page.locator("main h1")).to_have_text("Vera Sehen")


def test_a_double_click_on_save_makes_one_contact(visit: Visit) -> None:
    mia = visit(locale="de")
    mia.log_in(GERMAN)
    mia.open("/nordlicht/contacts/new")
    mia.fill(given_name="Dora", family_name="Doppelklick")

    mia.page.locator("[data-form] .form-foot .button-primary").dblclick()
    expect(mia.page.locator("main h1")).to_have_text("Dora Doppelklick")
    mia.open("/nordlicht/contacts?q=Doppelklick")

    assert mia.names() == ["Dora Doppelklick"]


def test_what_is_wrong_in_a_form_is_said_beside_the_field(visit: Visit) -> None:
    mia = visit(locale="de")
    mia.log_in(GERMAN)
    mia.open("/nordlicht/contacts/new")
    mia.point("email").fill("wiebke at firma")

    with mia.refused(422):
        mia.submit()
        mia.sees("Please check the marked fields.")
        mia.look()
        mia.picture("wrong-fields")

    expect(mia.page.locator('[name="family_name"]')).to_be_focused()
    mia.sees("A contact needs a first name or a last name.")
    mia.sees("This is not an e-mail address.")
    expect(mia.point("email")).to_have_value("wiebke at firma")


def test_the_bar_at_the_thumb_leads_everywhere(visit: Visit) -> None:
    ruth = visit(locale="en", phone=True, calm=False)
    ruth.log_in(ENGLISH)
    bar = ruth.page.locator(".bottom-bar")

    bar.locator("summary.place").tap()
    ruth.look()
    ruth.picture("menu-on-the-phone")
    bar.get_by_role("link", name="Recycle bin").tap()
    expect(ruth.page.locator("h1")).to_have_text("Recycle bin")
    bar.locator("summary.place-add").tap()
    ruth.look()
    bar.get_by_role("link", name="New contact").tap()

    expect(ruth.page.locator("h1")).to_have_text("New contact")


def test_the_keys_are_told_on_request(visit: Visit) -> None:
    mia = visit(locale="de")
    mia.log_in(GERMAN)

    mia.keys("?")
    expect(mia.page.locator("dialog#keys")).to_be_visible()
    mia.look()
    mia.picture("keys")
    mia.keys("Escape")

    expect(mia.page.locator("dialog#keys")).to_be_hidden()


def test_an_answer_that_is_let_go_of_while_it_is_read_is_nobodys_error(visit: Visit) -> None:
    """Turbo does so with an answer that a newer question has overtaken; the visitor's console must stay empty."""
    mia = visit(locale="de")
    mia.log_in(GERMAN)

    mia.page.evaluate(
        """async () => {
          const stop = new AbortController();
          const answer = await fetch(location.href, { signal: stop.signal });
          answer.text();
          stop.abort();
          await new Promise((go) => setTimeout(go, 100));
        }"""
    )

    mia.goes("Contacts")
