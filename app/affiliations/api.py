from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from marshmallow import fields
from sqlalchemy import select

from app.affiliations import actions
from app.affiliations.models import Affiliation
from app.affiliations.schemas import EDITABLE, NEW
from app.companies import queries as companies
from app.companies.entity import COMPANY
from app.companies.models import Company
from app.contacts.entity import CONTACT
from app.core import access, references
from app.core.entities import Filter
from app.core.fields import Values, schema_class
from app.core.resources import Entered, Reading, RecordSchema, Resource, any_value, same, texts


class AffiliationSchema(RecordSchema):
    contact_id = fields.UUID()
    company_id = fields.UUID()
    company = fields.String(metadata={"description": _l("What the company is called now.")})
    role = fields.String()
    since = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True, metadata={"description": _l("The first day on which it no longer holds.")})


def admit(values: Values) -> None:
    """Raises PermissionMissing where no company is called so, and the actor may not add one."""
    company = values.get("company")
    if company and not access.may(COMPANY.may("write")) and not companies.is_any_called(company):
        access.require(COMPANY.may("write"))


def _create(entered: Entered) -> UUID:
    admit(entered)
    references.check("contact_id", entered["contact_id"], CONTACT)
    return actions.employ(
        entered["contact_id"],
        company=entered["company"],
        role=entered["role"] or "",
        since=_day(entered["since"]),
    )


def _change(affiliation: Affiliation, entered: Entered) -> None:
    since, until = _day(entered["since"]), _day(entered["until"])
    actions.change(affiliation, role=entered["role"] or "", since=since, until=until)


def _day(written: Any) -> date | None:
    return date.fromisoformat(written) if written else None


_COMPANY = select(Company.name).where(Company.id == Affiliation.company_id).scalar_subquery().label("company")

RESOURCE = Resource(
    name="affiliations",
    one="Affiliation",
    label=_l("Affiliations"),
    model=Affiliation,
    permission="contacts",
    shown=AffiliationSchema,
    read=Reading(
        Affiliation,
        Affiliation.contact_id,
        Affiliation.company_id,
        _COMPANY,
        Affiliation.role,
        Affiliation.since,
        Affiliation.until,
    ),
    filters=tuple(
        Filter(name=column.key, label=label, choices=any_value, parse=UUID, where=same(column))
        for column, label in ((Affiliation.contact_id, _l("Contact")), (Affiliation.company_id, _l("Company")))
    ),
    entered=schema_class("AffiliationEntry", NEW, beside={"contact_id": fields.UUID(required=True)}),
    create=_create,
    changed=schema_class("AffiliationChange", EDITABLE),
    present=lambda affiliation: texts(affiliation, ("role", "since", "until")),
    change=_change,
    example={
        "contact_id": "01a2094e-0be7-7250-b21e-bbb4c640b375",
        "company": "Hafen & Söhne KG",
        "role": "Einkauf",
        "since": "2026-01-01",
    },
)
