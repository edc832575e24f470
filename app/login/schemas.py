from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fields import LANGUAGE, Field, FieldKind, schema_of

NAME = Field(name="name", label=_l("Name"), required=True, limit=120)
THEME = Field(
    name="theme",
    label=_l("Colours"),
    kind=FieldKind.CHOICE,
    required=True,
    options=(("auto", _l("as the device has them")), ("light", _l("light")), ("dark", _l("dark"))),
)
TIME_FORMAT = Field(
    name="time_format",
    label=_l("Time of day"),
    kind=FieldKind.CHOICE,
    required=True,
    options=(
        ("auto", _l("as usual in the language")),
        ("24", _l("24 hours (14:20)")),
        ("12", _l("12 hours (2:20 pm)")),
    ),
)
EMAIL = Field(name="email", label=_l("New e-mail"), kind=FieldKind.EMAIL, required=True, limit=254)

PROFILE_FIELDS = (NAME, LANGUAGE, THEME, TIME_FORMAT)
PROFILE = schema_of(PROFILE_FIELDS)
NEW_EMAIL = schema_of((EMAIL,))
