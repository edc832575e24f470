from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.companies import actions
from app.companies.models import Company
from app.companies.revising import REVISION
from app.companies.schemas import FIELDS
from app.contactpoints.drafts import IMPORTABLE
from app.contactpoints.numbers import NUMBER
from app.core.entities import EntityType

COMPANY = EntityType(
    name="company",
    model=Company,
    label=_l("Company"),
    plural=_l("Companies"),
    icon="building-2",
    endpoint="companies.show",
    list_endpoint="companies.index",
    title="name",
    permission="companies",
    fields=FIELDS,
    importable=IMPORTABLE,
    create=actions.add_companies,
    revision=REVISION,
    unique=NUMBER.name,
)
