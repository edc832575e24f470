"""Every page, at both sizes, light and dark, in both languages; the pictures are for people to look at."""

from __future__ import annotations

import pytest

from tests.browser import sights
from tests.browser.conftest import Visit
from tests.browser.house import ENGLISH, GERMAN, House, Login
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(900)

_STILL, _A_LITTLE = {"contacts.show", "complaints.show"}, 0.1
"""Pages that have to stand still from the beginning on; what Chromium calls good."""

LOGINS = pytest.mark.parametrize("login", [GERMAN, ENGLISH], ids=["de", "en"])
SIZES = pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])


def test_every_page_has_an_address_here() -> None:
    sampled = {name.partition("-")[0] for name in (*sights.ROOMS, *sights.DOORS, *sights.CONSOLE)}

    assert sights.endpoints() == sampled | sights.NO_PAGES


@LOGINS
@SIZES
def test_every_room_can_be_seen_by_everybody(visit: Visit, login: Login, phone: bool) -> None:
    visitor = visit(locale=login.locale, phone=phone)
    visitor.log_in(login)

    _look_at(visitor, sights.rooms(visitor, login), f"{login.locale}-{'phone' if phone else 'desk'}")


@LOGINS
@SIZES
def test_every_door_can_be_seen_by_everybody(visit: Visit, login: Login, phone: bool) -> None:
    visitor = visit(locale=login.locale, phone=phone)

    _look_at(visitor, sights.doors(visitor, login), f"{login.locale}-{'phone' if phone else 'desk'}")


@LOGINS
@SIZES
def test_every_page_of_the_console_can_be_seen_by_everybody(
    visit: Visit, house: House, login: Login, phone: bool
) -> None:
    visitor = visit(locale=login.locale, phone=phone)
    visitor.log_in_as_operator(house.operator(f"{login.locale}-{phone}@kontor.example"))

    _look_at(visitor, sights.console(visitor), f"{login.locale}-{'phone' if phone else 'desk'}")


@LOGINS
@pytest.mark.parametrize("path", ["nothing-here", "contacts/00000000-0000-7000-8000-000000000000"])
def test_what_does_not_exist_says_so_and_leads_back(visit: Visit, login: Login, path: str) -> None:
    visitor = visit(locale=login.locale)
    visitor.log_in(login)

    with visitor.refused(404):
        visitor.open(f"/{login.slug}/{path}")
        visitor.sees("There is nothing here.")
        visitor.look()
        visitor.picture(f"error-{path.partition('/')[0]}-{login.locale}")
    visitor.press("To the start page")

    visitor.goes("Contacts")


def _look_at(visitor: Visitor, addresses: dict[str, str], suffix: str) -> None:
    """Each language has its own texts; structure and colours are the same in all."""
    is_new = visitor.say.locale == "de"
    for name, path in addresses.items():
        visitor.page.emulate_media(color_scheme="light")
        assert visitor.open(path) == 200, path
        assert name not in _STILL or visitor.moved() < _A_LITTLE, f"{path} moves while it is shown"
        visitor.look() if is_new else visitor.look_at_words()
        visitor.picture(f"{name}-{suffix}-light")
        if is_new:
            visitor.page.emulate_media(color_scheme="dark")
            visitor.look_at_colours()
            visitor.picture(f"{name}-{suffix}-dark")
