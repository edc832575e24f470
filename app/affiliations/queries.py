from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.affiliations.models import Affiliation
from app.companies.models import Company
from app.contactpoints import queries as points
from app.contactpoints.models import PointKind
from app.contacts.models import Contact
from app.core import keys, records
from app.core.access import visible
from app.core.entities import EntityRef
from tenants import clock
from tenants.db import db, rows
from tenants.errors import NotFound

MOST = 100
"""People of one company that its page shows."""


def holds(*, on: date) -> ColumnElement[bool]:
    return (Affiliation.deleted_at.is_(None)) & or_(Affiliation.until.is_(None), Affiliation.until > on)


def affiliation(affiliation_id: UUID) -> Affiliation:
    """Raises NotFound."""
    found = db.session.scalar(visible(Affiliation).where(Affiliation.id == affiliation_id))
    if found is None:
        raise NotFound
    return found


def affiliation_to_change(affiliation_id: UUID) -> Affiliation:
    """Locked until the end of the request.

    Raises NotFound.
    """
    return records.load_to_change(Affiliation, affiliation_id)


def reached_at(contact_id: UUID) -> Sequence[Row[Any]]:
    """The mails and phones of a contact that hold today, as (id, kind, label, value, until)."""
    by_wire = {PointKind.EMAIL, PointKind.PHONE}
    found = points.shown_points("contact", contact_id)
    return [p for p in found if p.kind in by_wire and (p.until is None or p.until > clock.today())]


def works_at(contact_id: UUID, company: str, *, since: date) -> bool:
    """Whether a job there, that began on this day, is known already."""
    known = select(Affiliation.id).join(Company, Company.id == Affiliation.company_id)
    found = known.where(
        Affiliation.contact_id == contact_id,
        Affiliation.since == since,
        Affiliation.deleted_at.is_(None),
        Company.sort_key == keys.sort_key(company),
    )
    return db.session.scalar(found.limit(1)) is not None


def employers_of(contact_id: UUID) -> Sequence[Row[Any]]:
    """(id of the affiliation, role, until, company's id and name), those that hold first."""
    return rows(_EMPLOYERS_OF, {"record_id": contact_id})


def staff_of(company_id: UUID) -> Sequence[Row[Any]]:
    """(id of the affiliation, role, until, contact's id and name, number of all), those that hold first; at most
    ``MOST``.
    """
    return rows(_STAFF_OF, {"record_id": company_id})


def _beside(
    other: type[Company] | type[Contact], name: InstrumentedAttribute[str], *, of: InstrumentedAttribute[UUID]
) -> Select[*tuple[Any, ...]]:
    key = Affiliation.company_id if other is Company else Affiliation.contact_id
    return (
        select(
            Affiliation.id,
            Affiliation.role,
            Affiliation.until,
            other.id.label("record_id"),
            name.label("name"),
            func.count().over().label("how_many"),
        )
        .join(other, other.id == key)
        .where(of == bindparam("record_id"), Affiliation.deleted_at.is_(None), other.deleted_at.is_(None))
        .order_by(Affiliation.until.desc().nulls_first(), other.sort_key)
        .limit(MOST)
    )


# Built once: every page of a record asks.
_EMPLOYERS_OF = _beside(Company, Company.name, of=Affiliation.contact_id)
_STAFF_OF = _beside(Contact, Contact.display_name, of=Affiliation.company_id)


def employer_beside(contact_id: ColumnElement[UUID]) -> Select[str, str | None]:
    """For the list of contacts: for whom each works today, since longest, and as what."""
    return (
        select(Company.name.label("company"), Affiliation.role.label("role"))
        .join(Affiliation, Affiliation.company_id == Company.id)
        .where(
            Affiliation.contact_id == contact_id,
            Affiliation.deleted_at.is_(None),
            or_(Affiliation.until.is_(None), Affiliation.until > bindparam("today", type_=Date)),
            Company.deleted_at.is_(None),
        )
        .order_by(Affiliation.created_at, Affiliation.id)
        .limit(1)
    )


def employers_ever(*, of: ColumnElement[bool]) -> Mapping[UUID, Sequence[str]]:
    """The names of all companies for which each of these contacts works or worked."""
    found = db.session.execute(
        select(Affiliation.contact_id, Company.name)
        .join(Company, Company.id == Affiliation.company_id)
        .where(of, Affiliation.deleted_at.is_(None), Company.deleted_at.is_(None))
        .order_by(Affiliation.contact_id, Company.name)
    )
    names: dict[UUID, list[str]] = {}
    for contact_id, name in found:
        names.setdefault(contact_id, []).append(name)
    return names


def employers_today(_entity: str, contact_id: UUID) -> Iterable[EntityRef]:
    ids = db.session.scalars(
        select(Affiliation.company_id).where(Affiliation.contact_id == contact_id, holds(on=clock.today()))
    )
    return [EntityRef("company", company_id) for company_id in ids]


def of_employment(column: InstrumentedAttribute[Any]) -> Callable[[Any], Select[Any]]:
    """From the model of contacts to what this says of everything they work as today."""
    jobs = select(column).select_from(Affiliation).join(Company, Company.id == Affiliation.company_id)
    jobs = jobs.where(Company.deleted_at.is_(None))
    return lambda model: jobs.where(Affiliation.contact_id == model.id, holds(on=clock.today()))


def employer_name() -> ColumnElement[str]:
    """For the history: the company an affiliation names, as it is called now."""
    return select(Company.name).where(Company.id == Affiliation.company_id).scalar_subquery()


def contact_name() -> ColumnElement[str]:
    return select(Contact.display_name).where(Contact.id == Affiliation.contact_id).scalar_subquery()
