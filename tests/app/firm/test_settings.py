"""A firm says who it is: what is wrong is refused and kept on the page, what is right is known everywhere at once."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.contactpoints.models import ContactPoint
from app.contacts.models import Contact
from app.firm import actions
from app.firm.models import FirmSettings
from tenants import clock, registry
from tests.app.imports.lists import work_off
from tests.colleagues import colleague
from tests.firms import Firm, visitor_with_role
from tests.pages import form_values
from tests.records import add_contact

LEGAL = {
    "legal_form": "GmbH",
    "street": "Hafenstr. 1",
    "postal_code": "20457",
    "city": "Hamburg",
    "vat_id": "de136695976",
    "tax_number": "181/815/0815 5",
    "iban": "de89370400440532013000",
}


@pytest.fixture(autouse=True)
def _directory(acme: Firm) -> Iterator[None]:
    """Tests empty the firm's own tables; what the directory says of it is put back here."""
    yield
    from tenants.db import platform_work

    values = {"id": acme.scope.tenant_id, "name": acme.scope.name}
    with acme.app.app_context(), platform_work() as session:
        session.execute(
            text(
                "UPDATE platform.tenants SET name = :name, country = 'DE', timezone = 'Europe/Berlin', locale = 'de',"
                " logo_id = NULL WHERE id = :id"
            ),
            values,
        )


def save(firm: Firm, **entered: Any) -> TestResponse:
    visitor, address = firm.client(), f"{firm.url}/settings"
    return visitor.post(address, data={**form_values(visitor.get(address).text), **entered})


def page(firm: Firm) -> str:
    return firm.client().get(f"{firm.url}/settings").text


def picture(size: tuple[int, int] = (300, 100), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, "teal").save(out, kind)
    return out.getvalue()


def test_the_form_begins_with_what_is_known_from_the_sign_up(acme: Firm) -> None:
    shown = form_values(page(acme))

    assert (shown["name"], shown["country"], shown["timezone"], shown["locale"]) == (
        acme.scope.name,
        "DE",
        "Europe/Berlin",
        "de",
    )
    assert shown["vat_id"] == ""


def test_numbers_are_kept_plain_and_shown_in_groups(acme: Firm) -> None:
    answer = save(acme, **LEGAL)

    with acme.work() as session:
        kept = session.query(FirmSettings).one()
        assert (kept.vat_id, kept.tax_number, kept.iban) == (
            "DE136695976",
            "181/815/08155",
            "DE89370400440532013000",
        )
    shown = form_values(page(acme))
    assert answer.status_code == 303
    assert (shown["vat_id"], shown["iban"]) == ("DE 136 695 976", "DE89 3704 0044 0532 0130 00")


def test_what_cannot_be_right_is_refused_beside_its_field_and_nothing_typed_is_lost(acme: Firm) -> None:
    wrong = {**LEGAL, "name": "Werft", "vat_id": "DE136695977", "tax_number": "12", "iban": "DE89370400440532013001"}

    answer = save(acme, **wrong)

    assert answer.status_code == 422
    assert form_values(answer.text).items() >= wrong.items()
    assert "This VAT ID cannot be right." in answer.text
    assert "This is no German tax number" in answer.text
    assert "This IBAN cannot be right." in answer.text
    assert form_values(page(acme))["name"] == acme.scope.name


@pytest.mark.parametrize("wrong", [{"country": "XX"}, {"timezone": "Europe/Atlantis"}, {"locale": "fr"}, {"name": " "}])
def test_a_country_a_zone_a_language_and_a_name_that_are_none_are_refused(acme: Firm, wrong: dict[str, str]) -> None:
    assert save(acme, **wrong).status_code == 422


def test_a_new_name_stands_on_all_pages_of_everybody_at_once_and_in_the_directory(acme: Firm) -> None:
    mia = colleague(acme, name="Mia Sommer")
    before = mia.client().get(f"{acme.url}/").text

    save(acme, name="Werft & Söhne")

    after = mia.client().get(f"{acme.url}/").text
    with acme.app.app_context():
        assert registry.find(acme.scope.tenant_id).name == "Werft & Söhne"
    assert "Werft &amp; Söhne" not in before
    assert acme.scope.name not in after
    assert "Werft &amp; Söhne" in after


def test_each_change_is_told_with_who_and_from_what_to_what(acme: Firm) -> None:
    mia = colleague(acme, name="Mia Sommer", role="owner")
    save(acme, **LEGAL)
    shown = form_values(page(acme))

    mia.client().post(f"{acme.url}/settings", data={**shown, "name": "Werft", "iban": "AT61 1904 3002 3457 3201"})

    told = re.sub(r"\s+", " ", page(acme)).partition('id="history"')[2].partition("Ada Owner")[0]
    assert "Mia Sommer" in told
    assert f"Name of the firm: <del>{acme.scope.name}</del> → Werft" in told
    assert "IBAN: <del>DE89 3704 0044 0532 0130 00</del> → AT61 1904 3002 3457 3201" in told


def test_who_saves_second_sees_both_versions(acme: Firm) -> None:
    mia, address = colleague(acme, name="Mia Sommer", role="owner"), f"{acme.url}/settings"
    shown = form_values(page(acme))

    first = mia.client().post(address, data={**shown, "city": "Bremen"})
    second = acme.client().post(address, data={**shown, "city": "Hamburg"})
    third = acme.client().post(address, data={**form_values(second.text), "use-city": "1"})

    assert [answer.status_code for answer in (first, second, third)] == [303, 409, 303]
    assert "Mia Sommer has changed this meanwhile: City." in second.text
    assert form_values(page(acme))["city"] == "Bremen"


def test_another_country_leaves_stored_numbers_and_what_finds_them_as_they_are(acme: Firm) -> None:
    contact_id = add_contact(acme, family_name="Alt", phone="040 66969 0")
    address = f"{acme.url}/contacts/{contact_id}"
    save(acme, country="AT")

    visitor = acme.client()
    shown = form_values(visitor.get(f"{address}/edit").text)
    saved = visitor.post(f"{address}/edit", data={**shown, "given_name": "Anna"})

    with acme.work() as session:
        assert [point.normalised for point in session.query(ContactPoint)] == ["4940669690"]
        assert "4940669690" in session.get_one(Contact, contact_id).search_text
    assert saved.status_code == 303
    assert 'href="tel:+4940669690"' in visitor.get(address).text


def test_a_number_without_a_country_code_is_one_of_the_new_country_from_then_on(acme: Firm) -> None:
    save(acme, country="AT")

    entered = {"family_name": "Neu", "points-0-kind": "phone", "points-0-label": "work", "points-0-value": "01 5880055"}
    acme.client().post(f"{acme.url}/contacts/new", data=entered)

    with acme.work() as session:
        assert [point.normalised for point in session.query(ContactPoint)] == ["4315880055"]


def test_the_zone_of_the_firm_is_what_its_day_is_reckoned_by(acme: Firm) -> None:
    save(acme, timezone="Pacific/Kiritimati")

    with acme.app.app_context():
        from tenants.context import tenant_scope

        with tenant_scope(registry.find(acme.scope.tenant_id).scope()):
            assert str(clock.zone()) == "Pacific/Kiritimati"
    assert work_off(acme) >= 1


def test_members_see_no_settings_and_change_none(acme: Firm) -> None:
    for role in ("member", "reader"):
        with visitor_with_role(acme, role) as visitor:
            assert visitor.get(f"{acme.url}/settings").status_code == 403
            assert visitor.post(f"{acme.url}/settings", data={"name": "Ours"}).status_code == 403
            assert visitor.post(f"{acme.url}/settings/logo/remove").status_code == 403


def test_a_logo_stands_on_all_pages_until_it_is_removed(acme: Firm) -> None:
    assert save(acme, logo=(io.BytesIO(picture()), "logo.png")).status_code == 303
    waiting = page(acme)
    work_off(acme)

    shown = acme.client().get(f"{acme.url}/contacts").text
    address = re.search(r'class="tenant-logo" src="([^"]+)"', shown)
    assert address
    with visitor_with_role(acme, "reader") as reader:
        sent = reader.get(address.group(1), buffered=True)
    acme.client().post(f"{acme.url}/settings/logo/remove")

    assert "is being prepared" in waiting
    assert sent.content_type == "image/jpeg"
    assert Image.open(io.BytesIO(sent.data)).size == (300, 100)
    assert "tenant-logo" not in acme.client().get(f"{acme.url}/contacts").text
    assert acme.client().get(address.group(1)).status_code == 204


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg", "is of a kind that is not accepted"),
        (b"Dear all", "logo.png", "is not what its name says"),
        (b"%PDF-1.4", "logo.pdf", "is no picture that can be a logo"),
    ],
)
def test_what_is_no_logo_is_refused_and_nothing_typed_is_lost(acme: Firm, content: bytes, name: str, said: str) -> None:
    answer = save(acme, name="Werft", logo=(io.BytesIO(content), name))

    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert form_values(answer.text)["name"] == "Werft"
    assert form_values(page(acme))["name"] == acme.scope.name


def test_too_large_a_logo_is_refused(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "LOGO_LIMIT", 100)

    answer = save(acme, logo=(io.BytesIO(picture()), "logo.png"))

    assert answer.status_code == 422
    assert "The logo is too large: it may have 2 MB." in answer.text


def test_a_picture_that_cannot_be_read_leaves_the_logo_and_is_said(acme: Firm) -> None:
    save(acme, logo=(io.BytesIO(picture()), "logo.png"))
    work_off(acme)

    save(acme, logo=(io.BytesIO(picture()[:60]), "broken.png"))
    work_off(acme)

    shown = page(acme)
    assert "cannot be read" in shown
    assert "tenant-logo" in shown


def test_another_firm_has_none_of_it(acme: Firm, globex: Firm) -> None:
    save(acme, **LEGAL, logo=(io.BytesIO(picture()), "logo.png"))
    work_off(acme)

    other = page(globex)
    assert form_values(other)["iban"] == ""
    assert "tenant-logo" not in other
    assert globex.client().get(f"{globex.url}/settings/logo").status_code == 204
