"""Invitations: somebody may become a user of a tenant, by a link in a mail. One for each address and tenant."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, delete, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tenants import clock, identities, mail
from tenants.context import current_scope
from tenants.db import new_id, platform_reading, platform_work
from tenants.errors import NotAllowed, NotFound
from tenants.identities import LinkExpired, digest
from tenants.mail import About
from tenants.models import Identity, Invitation, Membership, Role, Tenant

LIFE = timedelta(days=7)
MOST = 200
"""Invitations of one tenant that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who is invited, as what."""

    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What somebody who has no account yet has chosen on the page of the invitation."""

    name: str
    password_hash: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link leads to; ``identity`` is whoever has the invited address already."""

    invitation: Invitation
    tenant: Tenant
    identity: Identity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    membership: Membership
    identity: Identity
    is_new: bool
    """Whether the identity was made by this very call, with the password that came with it."""


class AccountNeeded(NotAllowed):
    """Please choose a name and a password first."""

    code = "account_needed"


def invite(session: Session, guest: Guest) -> tuple[Invitation, str]:
    """To the current tenant; whoever was invited before gets a new link, and the old one is dead.

    As long as the earlier one waits, the stronger role of the two holds.
    """
    token = secrets.token_urlsafe(32)
    values = {
        "name": guest.name,
        "token_hash": digest(token),
        "expires_at": clock.now() + LIFE,
        "membership_id": None,
        "accepted_at": None,
    }
    fresh = {"id": new_id(), "created_at": clock.now(), "tenant_id": current_scope().tenant_id, "email": guest.email}
    written = insert(Invitation).values(**fresh, **values, role=guest.role)
    kept = written.on_conflict_do_update(
        index_elements=["tenant_id", "email"], set_={**values, "role": _stronger(guest.role)}
    ).returning(Invitation)
    return session.scalars(kept).one(), token


def _stronger(role: Role) -> ColumnElement[Role]:
    """Than that of the invitation which is written over: by the order in which the roles are listed."""
    waits = (
        Invitation.membership_id.is_(None) & Invitation.accepted_at.is_(None) & (Invitation.expires_at > clock.now())
    )
    above = list(Role)[: list(Role).index(role)]
    return case((waits & Invitation.role.in_(above), Invitation.role), else_=literal(role, Invitation.role.type))


def renew(session: Session, invitation_id: UUID) -> tuple[Invitation, str]:
    """A new link for seven days; the old one is dead.

    Raises NotFound, also when it was accepted in the meantime.
    """
    query = _own(invitation_id).with_for_update()
    found = session.scalar(query)
    if found is None:
        raise NotFound
    token = secrets.token_urlsafe(32)
    found.token_hash, found.expires_at = digest(token), clock.now() + LIFE
    return found, token


def withdraw(invitation_id: UUID) -> str:
    """The link is dead; answers whose it was.

    Raises NotFound, also when it was accepted in the meantime.
    """
    with platform_work() as session:
        found = session.scalar(_own(invitation_id).with_for_update())
        if found is None:
            raise NotFound
        mail.withdraw(session, about=about(found).key)
        session.delete(found)
    return found.name


def about(invitation: Invitation) -> About:
    """What its mail is for."""
    return About(key=f"invitation:{invitation.id}", tenant_id=invitation.tenant_id)


def _own(invitation_id: UUID) -> Select[Invitation]:
    return select(Invitation).where(
        Invitation.id == invitation_id,
        Invitation.tenant_id == current_scope().tenant_id,
        Invitation.membership_id.is_(None),
    )


def waiting() -> Sequence[Invitation]:
    """Those to the current tenant that nobody has accepted yet, the newest first, at most ``MOST``."""
    query = (
        select(Invitation)
        .where(Invitation.tenant_id == current_scope().tenant_id, Invitation.membership_id.is_(None))
        .order_by(Invitation.created_at.desc(), Invitation.id)
        .limit(MOST)
    )
    with platform_reading() as session:
        return session.scalars(query).all()


def behind(token: str) -> Opened:
    """What a link leads to, without using it up.

    Raises LinkExpired.
    """
    query = (
        select(Invitation, Tenant, Identity)
        .join(Tenant, Tenant.id == Invitation.tenant_id)
        .outerjoin(Identity, Identity.email == Invitation.email)
        .where(Invitation.token_hash == digest(token))
    )
    with platform_reading() as session:
        found = session.execute(query).one_or_none()
    if found is None or _is_over(found[0]):
        raise LinkExpired
    return Opened(invitation=found[0], tenant=found[1], identity=found[2])


def take(token: str, newcomer: Newcomer | None) -> Taken:
    """The first step of accepting: the invited address is a member. Done twice it is done once.

    Raises LinkExpired; AccountNeeded when nobody has the address yet and nobody comes along.
    """
    with platform_work() as session:
        query = select(Invitation).where(Invitation.token_hash == digest(token)).with_for_update()
        invitation = session.scalar(query)
        if invitation is None or _is_over(invitation):
            raise LinkExpired
        identity, is_new = _identity(session, invitation, newcomer)
        membership = identities.join(
            session, tenant_id=invitation.tenant_id, identity_id=identity.id, role=invitation.role
        )
        invitation.membership_id = membership.id
    return Taken(membership=membership, identity=identity, is_new=is_new)


def _is_over(invitation: Invitation) -> bool:
    return invitation.membership_id is None and invitation.expires_at <= clock.now()


def _identity(session: Session, invitation: Invitation, newcomer: Newcomer | None) -> tuple[Identity, bool]:
    known = identities.find_by_email(session, invitation.email)
    if known is not None:
        return known, False
    if newcomer is None:
        raise AccountNeeded
    added = Identity(
        email=invitation.email, name=newcomer.name, password_hash=newcomer.password_hash, locale=newcomer.locale
    )
    session.add(added)
    session.flush()
    return added, True


def identity_of(email: str) -> Identity:
    """Of an address that has accepted."""
    with platform_reading() as session:
        return session.scalars(select(Identity).where(Identity.email == email)).one()


def settle(token: str) -> None:
    """The last step of accepting: the tenant itself knows its new user."""
    with platform_work() as session:
        found = session.scalar(select(Invitation).where(Invitation.token_hash == digest(token)).with_for_update())
        if found is not None:
            found.accepted_at = found.accepted_at or clock.now()


def forget_accepted(session: Session, membership_id: UUID) -> None:
    """Whoever is sent away does not find the old link still leading to the firm."""
    session.execute(delete(Invitation).where(Invitation.membership_id == membership_id))
