from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fields import Field, schema_of

COMPANY = Field(
    name="company",
    label=_l("Company"),
    headings=("firma", "unternehmen", "arbeitgeber", "company", "company name", "organisation", "firmenname"),
)
ROLE = Field(
    name="role",
    label=_l("Role"),
    limit=100,
    headings=("funktion", "position", "rolle", "job title", "role", "stelle", "abteilung"),
)

SCHEMA = schema_of((Field(name="company", label=COMPANY.label, required=True), ROLE))
