"""What a user is in the current tenant: role and activity. One decision at a time, so that an owner always stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

from tenants import invitations
from tenants.context import current_actor, current_scope
from tenants.db import platform_reading, platform_work
from tenants.errors import Conflict, NotAllowed, NotFound
from tenants.models import ApiToken, Membership, Role, Tenant, TenantStatus


class LastOwner(Conflict):
    """Nobody else owns this account. Please make somebody else an owner first."""

    code = "last_owner"


class OwnersOnly(NotAllowed):
    """Only an owner decides who owns this account."""

    code = "owners_only"


def give_role(user_id: UUID, *, role: Role) -> None:
    """Raises NotFound, NotAllowed, OwnersOnly, LastOwner."""
    with _decided(user_id, touches_owners=role is Role.OWNER) as (_, membership):
        membership.role = role


def deactivate(user_id: UUID) -> None:
    """The next request of this user is refused, and the tokens of their programs end for good. Done twice it is done
    once.

    Raises NotFound, NotAllowed, OwnersOnly, LastOwner.
    """
    with _decided(user_id) as (session, membership):
        membership.active = False
        session.execute(delete(ApiToken).where(ApiToken.membership_id == membership.id))
        invitations.forget_accepted(session, membership.id)


def reactivate(user_id: UUID) -> None:
    """Raises NotFound, NotAllowed, OwnersOnly."""
    with _decided(user_id) as (_, membership):
        membership.active = True


@contextmanager
def _decided(user_id: UUID, *, touches_owners: bool = False) -> Iterator[tuple[Session, Membership]]:
    """By the acting user, if their role allows it now: another decision may have just taken it away."""
    tenant_id, actor_id = current_scope().tenant_id, current_actor().user_id
    with platform_work() as session:
        session.execute(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True))
        theirs = select(Membership).where(
            Membership.tenant_id == tenant_id, Membership.user_id.in_([user_id, actor_id])
        )
        members = {membership.user_id: membership for membership in session.scalars(theirs)}
        membership, acting = members.get(user_id), members.get(actor_id) if actor_id else None
        if membership is None:
            raise NotFound
        _check(acting, touches_owners=touches_owners or membership.role is Role.OWNER)
        yield session, membership
        session.flush()
        if not _owned(session, tenant_id):
            raise LastOwner


def _check(acting: Membership | None, *, touches_owners: bool) -> None:
    if acting is None or not acting.active or acting.role not in {Role.OWNER, Role.ADMIN}:
        raise NotAllowed
    if touches_owners and acting.role is not Role.OWNER:
        raise OwnersOnly


def _owned(session: Session, tenant_id: UUID) -> bool:
    owners = select(Membership.id).filter_by(tenant_id=tenant_id, role=Role.OWNER, active=True).limit(1)
    return session.scalar(owners) is not None


def seen_on(user_ids: Collection[UUID]) -> Mapping[UUID, date | None]:
    """The last day on which these users of the current tenant came by."""
    query = select(Membership.user_id.label("id"), Membership.seen_on).where(
        Membership.tenant_id == current_scope().tenant_id, Membership.user_id.in_(user_ids)
    )
    with platform_reading() as session:
        return {row.id: row.seen_on for row in session.execute(query)}


def id_of(user_id: UUID) -> UUID:
    """The membership of a user of the current tenant.

    Raises NotFound.
    """
    query = select(Membership.id).where(
        Membership.tenant_id == current_scope().tenant_id, Membership.user_id == user_id
    )
    with platform_reading() as session:
        found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def active(tenant_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How many active users each of these firms has; 0 for none."""
    query = select(Membership.tenant_id, func.count().label("number")).where(
        Membership.tenant_id.in_(tenant_ids), Membership.active
    )
    with platform_reading() as session:
        found = session.execute(query.group_by(Membership.tenant_id)).all()
    return dict.fromkeys(tenant_ids, 0) | {row.tenant_id: row.number for row in found}


def of_identity(identity_id: UUID) -> Sequence[Row[Tenant, UUID]]:
    """(Tenant, id of the user there) wherever somebody is or was a user of an open tenant."""
    query = (
        select(Tenant, Membership.user_id)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Membership.identity_id == identity_id, Tenant.status == TenantStatus.OPEN)
        .order_by(Tenant.id)
    )
    with platform_reading() as session:
        return session.execute(query).all()
