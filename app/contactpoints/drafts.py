"""What somebody enters as a way to reach someone, checked and normalised before it becomes a row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import phonenumbers
from flask_babel import lazy_gettext as _l

from app.contactpoints.models import PointKind, PointLabel
from app.core import keys
from app.core.fields import Field, FieldKind, Values
from tenants.context import current_scope
from tenants.identities import normal_email

ADDRESS = ("street", "postal_code", "city", "country")
"""The fields of a list that are one point together."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    kind: PointKind
    label: PointLabel = PointLabel.WORK
    value: str = ""
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None

    def written(self) -> str:
        if self.kind is not PointKind.ADDRESS:
            return self.value
        place = " ".join(word for word in (self.postal_code, self.city) if word)
        return ", ".join(part for part in (self.street, place) if part)

    @cached_property
    def normalised(self) -> str:
        """Raises MalformedEmail."""
        match self.kind:
            case PointKind.PHONE:
                return normal_phone(self.value)
            case PointKind.EMAIL:
                return normal_email(self.value)
            case PointKind.WEB:
                return self.value.lower().removeprefix("https://").removeprefix("http://").rstrip("/")
            case PointKind.ADDRESS:
                return keys.plain(self.written())

    def words(self) -> tuple[str, ...]:
        return (self.normalised, self.postal_code or "", self.city or "")


def normal_phone(written: str) -> str:
    """Digits with the country's in front (E.164 without "+"); a number nobody can place keeps its own."""
    try:
        parsed = phonenumbers.parse(written, current_scope().country)
    except phonenumbers.NumberParseException:
        return keys.digits(written)
    return f"{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"


def _field(name: str, label: object, *headings: str, kind: FieldKind = FieldKind.TEXT, limit: int = 200) -> Field:
    together = "address" if name in ADDRESS else ""
    return Field(name=name, label=label, kind=kind, limit=limit, headings=headings, together=together)  # type: ignore[arg-type]


IMPORTABLE = (
    _field(
        "email",
        _l("E-mail"),
        "e-mail",
        "email",
        "mail",
        "e-mail-adresse",
        "email address",
        kind=FieldKind.EMAIL,
    ),
    _field("email_2", _l("Second e-mail"), "e-mail 2", "email 2", "mail privat", kind=FieldKind.EMAIL),
    _field(
        "phone",
        _l("Phone"),
        "telefon",
        "tel",
        "telefonnummer",
        "festnetz",
        "phone number",
        "telefon geschäftlich",
        "business phone",
        kind=FieldKind.PHONE,
        limit=60,
    ),
    _field(
        "mobile",
        _l("Mobile phone"),
        "mobil",
        "handy",
        "mobiltelefon",
        "mobile",
        "cell",
        "mobilnummer",
        kind=FieldKind.PHONE,
        limit=60,
    ),
    _field("fax", _l("Fax"), "telefax", "faxnummer", kind=FieldKind.PHONE, limit=60),
    _field("website", _l("Website"), "web", "homepage", "internet", "url", "webseite"),
    _field("street", _l("Street and number"), "strasse", "straße", "str.", "adresse", "address", "anschrift"),
    _field("postal_code", _l("Postcode"), "plz", "postleitzahl", "zip", "zip code", limit=20),
    _field("city", _l("City"), "ort", "stadt", "town", "wohnort"),
    _field("country", _l("Country"), "land", "staat", limit=60),
)

PLAIN = {
    "email": (PointKind.EMAIL, PointLabel.WORK),
    "email_2": (PointKind.EMAIL, PointLabel.PRIVATE),
    "phone": (PointKind.PHONE, PointLabel.WORK),
    "mobile": (PointKind.PHONE, PointLabel.MOBILE),
    "fax": (PointKind.PHONE, PointLabel.FAX),
    "website": (PointKind.WEB, PointLabel.WORK),
}
"""Which point a field of a list is."""


def from_cells(values: Values) -> list[Draft]:
    """The contact points that one line of a list names."""
    drafts = [
        Draft(kind=kind, label=label, value=value)
        for name, (kind, label) in PLAIN.items()
        if (value := values.get(name))
    ]
    if any(values.get(name) for name in ("street", "postal_code", "city")):
        drafts.append(_address(values))
    return drafts


def _address(values: Values) -> Draft:
    return Draft(
        kind=PointKind.ADDRESS,
        street=values.get("street"),
        postal_code=values.get("postal_code"),
        city=values.get("city"),
        country=values.get("country"),
    )
