from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from app.companies import queries as companies
from app.core.fields import Field, FieldKind, schema_of

COMPANY = Field(
    name="company",
    label=_l("Company"),
    near=companies.called_almost,
    suggested_at="companies.suggest",
    headings=("firma", "unternehmen", "arbeitgeber", "company", "company name", "organisation", "firmenname"),
)
ROLE = Field(
    name="role",
    label=_l("Role"),
    limit=100,
    headings=("funktion", "position", "rolle", "job title", "role", "stelle", "abteilung"),
)

SINCE = Field(name="since", label=_l("From"), kind=FieldKind.DAY)
UNTIL = Field(
    name="until", label=_l("Until"), kind=FieldKind.DAY, help=_l("The first day on which it no longer holds.")
)
ON = Field(name="on", label=_l("Since when"), kind=FieldKind.DAY, required=True)
NEW_COMPANY = replace(COMPANY, label=_l("New company"), required=True)

EDITABLE = (ROLE, SINCE, UNTIL)
NEW = (replace(COMPANY, required=True), ROLE, SINCE)
MOVE = (NEW_COMPANY, ROLE, ON)
EDIT_SCHEMA = schema_of(EDITABLE)
MOVE_SCHEMA = schema_of(MOVE)
SCHEMA = schema_of(NEW[:2])
