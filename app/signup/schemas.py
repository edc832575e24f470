from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fields import LANGUAGE, Field, FieldKind, schema_of

FIRM = Field(name="firm", label=_l("Firm"), required=True, limit=120)
NAME = Field(name="name", label=_l("Your name"), required=True, limit=120)
EMAIL = Field(name="email", label=_l("E-mail"), kind=FieldKind.EMAIL, required=True, limit=254)
SLUG = Field(
    name="slug",
    label=_l("Address of your account (optional)"),
    limit=40,
    help=_l("Stands in the address bar; made from the firm's name when left empty."),
)

SCHEMA = schema_of((FIRM, NAME, EMAIL, LANGUAGE, SLUG))
