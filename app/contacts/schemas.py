from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.contactpoints.numbers import NUMBER
from app.contacts import names
from app.core.fields import WRITTEN, Field, FieldKind, Values, Whole

SALUTATIONS = (("ms", _l("Ms")), ("mr", _l("Mr")))

FIELDS = (
    Field(
        name="salutation",
        label=_l("Salutation"),
        kind=FieldKind.CHOICE,
        options=SALUTATIONS,
        headings=("anrede",),
        spellings=(
            ("herr", "mr"),
            ("herrn", "mr"),
            ("hr", "mr"),
            ("m", "mr"),
            ("frau", "ms"),
            ("fr", "ms"),
            ("mrs", "ms"),
            ("miss", "ms"),
            ("w", "ms"),
        ),
    ),
    Field(name="title", label=_l("Academic title"), limit=60, headings=("titel", "title", "akad. titel")),
    Field(
        name="given_name",
        label=_l("First name"),
        limit=100,
        headings=("vorname", "first name", "given name", "firstname"),
    ),
    Field(
        name="family_name",
        label=_l("Last name"),
        limit=100,
        headings=("nachname", "name", "familienname", "last name", "surname", "lastname", "ansprechpartner"),
    ),
    NUMBER,
)

WHOLE_NAME = Field(
    name="whole_name",
    label=_l("First and last name"),
    headings=("name", "ansprechpartner", "full name", "vor- und nachname", "anzeigename", "display name", "kontakt"),
    whole=Whole(
        parts=("salutation", "title", "given_name", "family_name"), split=names.parts_of, apart_if="given_name"
    ),
)


NAMED = {"anyOf": [{"required": [name], "properties": {name: WRITTEN}} for name in ("given_name", "family_name")]}
"""``has_name``, as JSON Schema says it."""


def has_name(values: Values) -> dict[str, list[str]]:
    """A person is called something: by a first or a last name."""
    if values.get("given_name") or values.get("family_name"):
        return {}
    return {"family_name": [gettext("A contact needs a first name or a last name.")]}
