"""The form of the firm's settings: its fields, what must hold of them, how they are kept and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from marshmallow import ValidationError

from app.core.editing import EditForm, Texts
from app.core.fields import LANGUAGE, Field, FieldKind, FieldSchema, Values, schema_of
from app.core.forms import Errors
from app.firm import actions, legal, places
from app.firm.legal import NotValid
from app.firm.models import FirmSettings
from tenants import registry
from tenants.context import current_scope

NAME = Field(name="name", label=_l("Name of the firm"), required=True, limit=120)
LEGAL_FORM = Field(name="legal_form", label=_l("Legal form"), limit=60, help=_l("For example GmbH, e. K. or Ltd."))
VAT_ID = Field(name="vat_id", label=_l("VAT ID"), limit=40)
TAX_NUMBER = Field(name="tax_number", label=_l("Tax number"), limit=40)
IBAN = Field(name="iban", label=_l("IBAN"), limit=60, help=_l("Invoices will ask for money on this account."))
ADDRESS = (
    Field(name="street", label=_l("Street and number")),
    Field(name="postal_code", label=_l("Postcode"), limit=20),
    Field(name="city", label=_l("City")),
)
COUNTRY = Field(
    name="country",
    label=_l("Country"),
    kind=FieldKind.CHOICE,
    required=True,
    help=_l(
        "Phone numbers that are typed without a country code from now on are read as numbers of this country. "
        "Numbers that are stored keep their meaning."
    ),
    say=places.country,
)
ZONE = Field(
    name="timezone",
    label=_l("Time zone"),
    kind=FieldKind.CHOICE,
    required=True,
    help=_l("Of all times that are shown, and of your business hours."),
    say=places.zone,
)
SPOKEN = Field(
    name=LANGUAGE.name,
    label=LANGUAGE.label,
    kind=FieldKind.CHOICE,
    required=True,
    options=LANGUAGE.options,
    help=_l("Of invitations and other mails in the firm's name. Everybody chooses the language of their own pages."),
)
SECTIONS = (
    (_l("Name and address"), (NAME, LEGAL_FORM, *ADDRESS, COUNTRY)),
    (_l("Tax and bank"), (VAT_ID, TAX_NUMBER, IBAN)),
    (_l("Language and time"), (SPOKEN, ZONE)),
)
FIELDS = tuple(field for _, section in SECTIONS for field in section)


def _wrong(values: Values) -> Mapping[str, list[str]]:
    """What is wrong, by field."""
    wrong = {}
    for name, (read, _, problem) in _numbers(values.get("country") or "").items():
        try:
            read(values[name] or "") if values[name] else None
        except NotValid:
            wrong[name] = [str(problem)]
    for name, known in (("country", places.countries()), ("timezone", places.zones())):
        # A zone that has gone by another name for long is still one, where the firm has it already.
        if values[name] not in dict(known) and values[name] != getattr(current_scope(), name):
            wrong[name] = [gettext("Please choose one of the entries.")]
    return wrong


_Number = tuple[Callable[[str], str], Callable[[str], str], object]


def _numbers(country: str) -> Mapping[str, _Number]:
    """By field: how it is read, how it is shown, and what is said where it cannot be right."""
    return {
        "vat_id": (
            partial(legal.vat_id, country=country),
            legal.shown_vat_id,
            _l("This VAT ID cannot be right. Please compare it letter by letter, as in DE 136 695 976."),
        ),
        "tax_number": (
            partial(legal.tax_number, country=country),
            str,
            _l("This is no German tax number: it has 10, 11 or 13 digits, as in 181/815/08155."),
        ),
        "iban": (
            legal.account,
            legal.shown_account,
            _l("This IBAN cannot be right. Please compare it digit by digit."),
        ),
    }


SCHEMA = schema_of(FIELDS, rule=_wrong)


def _read(schema: FieldSchema) -> tuple[dict[str, Any], Errors]:
    """Numbers that are right come in the one notation in which they are shown, so that two of them can be compared."""
    try:
        values = schema.load(request.form.to_dict())
    except ValidationError as error:
        return request.form.to_dict(), dict(error.messages_dict)
    return {**values, **_each_number(values, lambda number, text: number[1](number[0](text)))}, {}


def to_keep(values: Values) -> dict[str, str | None]:
    """Values that were accepted, as they are kept."""
    return {**values, **_each_number(values, lambda number, text: number[0](text))}


def _each_number(values: Values, make: Callable[[_Number, str], str]) -> dict[str, str]:
    numbers = _numbers(values["country"] or "")
    return {name: make(number, text) for name, number in numbers.items() if (text := values[name])}


def say(name: str, kept: str | None) -> str:
    """What is kept in a field, as people read it."""
    if not kept:
        return ""
    if name in (numbers := _numbers("")):
        return numbers[name][1](kept)
    described = next(one for one in FIELDS if one.name == name)
    return described.say(kept) if described.say else str(dict(described.options).get(kept, kept))


def _texts(stored: FirmSettings) -> Texts:
    directory = registry.find(current_scope().tenant_id)
    own = {field.name: getattr(stored, field.name) for field in FIELDS}
    numbers = {name: say(name, own[name]) for name in _numbers("")}
    known = {name: getattr(directory, name) for name in actions.OF_THE_DIRECTORY}
    return {name: text or "" for name, text in {**own, **numbers, **known}.items()}


FORM = EditForm(
    load=actions.settings_to_change,
    schema=SCHEMA,
    texts=_texts,
    say={"country": places.country, "timezone": places.zone},
    read=_read,
)
