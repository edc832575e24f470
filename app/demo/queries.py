from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Subquery, exists, func, select

from app.activities.models import Activity
from app.companies.entity import COMPANY
from app.companies.models import Company
from app.contacts.entity import CONTACT
from app.contacts.models import Contact
from app.core.access import visible
from app.core.entities import EntityRef
from app.demo.firms import Firm
from app.users.models import User
from tenants.counters import Counter
from tenants.db import db, platform_reading
from tenants.models import Identity, Membership, Role, Tenant


@dataclass(frozen=True, slots=True)
class Staff:
    """A firm that has come in, and its members as far as they are known, by e-mail."""

    tenant: Tenant
    members: Mapping[str, Membership]


def staff_of(firm: Firm) -> Staff | None:
    """None where nobody, or a stranger, has the firm's address."""
    query = (
        select(Tenant, Identity.email, Membership)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(Tenant.slug == firm.slug, Identity.email.in_([member.email for member in firm.members]))
    )
    with platform_reading() as session:
        rows = session.execute(query).all()
    members = {email: membership for _, email, membership in rows}
    owner = members.get(firm.members[0].email)
    return Staff(rows[0][0], members) if owner is not None and owner.role is Role.OWNER else None


def has_written(user_id: UUID) -> bool:
    """What lies in the recycle bin counts: it was written."""
    return bool(db.session.scalar(select(exists().where(Activity.author_id == user_id))))


def complaints_entered() -> int:
    """Ever: numbers are not given a second time, whatever became of a complaint."""
    return db.session.scalar(select(func.sum(Counter.last)).where(Counter.name == "complaints")) or 0


def ranked(model: type[Contact] | type[Company]) -> Subquery:
    """(id, place, all): which of how many records each is."""
    place = func.row_number().over(order_by=model.id).label("place")
    return select(model.id, place, func.count().over().label("all")).subquery()


def hold(user_id: UUID) -> None:
    """Let others who hold the same user wait until this transaction ends."""
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update())


def by_name() -> Mapping[str, EntityRef]:
    contacts = db.session.execute(visible(Contact).with_only_columns(Contact.display_name, Contact.id))
    companies = db.session.execute(visible(Company).with_only_columns(Company.name, Company.id))
    return {
        **{name: COMPANY.ref(company_id) for name, company_id in companies},
        **{name: CONTACT.ref(contact_id) for name, contact_id in contacts},
    }
