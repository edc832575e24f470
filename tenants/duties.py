"""Which roles of a firm need a second factor, and who of its users has one."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from tenants.context import current_scope
from tenants.db import platform_reading, platform_work
from tenants.errors import Conflict, NotFound
from tenants.models import Identity, Membership, Role, Tenant
from tenants.second_factors import factors
from tenants.second_factors.models import Account, Authenticator


class BelongsElsewhere(Conflict):
    """This person works for other firms as well, so no single one can take the second factor away. Whoever runs Kontor
    can, after making sure who asks.
    """

    code = "belongs_elsewhere"


def roles() -> frozenset[Role]:
    """Of the current tenant."""
    query = select(Tenant.second_factor_for).where(Tenant.id == current_scope().tenant_id)
    with platform_reading() as session:
        return frozenset(Role(role) for role in session.scalars(query).one())


def demand(wanted: Collection[Role]) -> None:
    """From the next request on whoever has one of these roles adds a second factor before they go on."""
    with platform_work() as session:
        tenant = session.get_one(Tenant, current_scope().tenant_id)
        tenant.second_factor_for = sorted(role.value for role in wanted)


def has_second_factor(user_id: UUID) -> bool:
    """Whether a user of the current tenant has one."""
    query = _theirs(user_id).where(exists().where(Authenticator.identity_id == Membership.identity_id))
    with platform_reading() as session:
        return session.scalar(query) is not None


def forget_second_factor(user_id: UUID) -> Identity:
    """Of a user who has lost what they had, and belongs to the current tenant alone; answers who it was.

    Raises NotFound, BelongsElsewhere.
    """
    with platform_work() as session:
        identity_id = session.scalar(_theirs(user_id))
        if identity_id is None:
            raise NotFound
        if _firms(session, identity_id) > 1:
            raise BelongsElsewhere
        factors.forget_all(session, Account(identity_id=identity_id))
        return session.get_one(Identity, identity_id)


def _theirs(user_id: UUID) -> Select[UUID]:
    return select(Membership.identity_id).where(
        Membership.tenant_id == current_scope().tenant_id, Membership.user_id == user_id
    )


def _firms(session: Session, identity_id: UUID) -> int:
    return session.scalars(select(func.count()).where(Membership.identity_id == identity_id)).one()
