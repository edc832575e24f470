from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.contactpoints.numbers import NUMBER
from app.core.fields import Field

FIELDS = (
    Field(
        name="name",
        label=_l("Name of the company"),
        required=True,
        headings=("firma", "name", "firmenname", "unternehmen", "company", "company name", "organisation"),
    ),
    NUMBER,
    Field(name="industry", label=_l("Line of business"), headings=("branche", "industry", "sector")),
)
