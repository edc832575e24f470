from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tenants import identities
from tenants.db import platform_reading
from tenants.identities import LinkExpired
from tenants.models import Identity, Membership, Tenant
from tenants.signups import Signup


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A firm that came in, with the person who brought it."""

    tenant: Tenant
    identity: Identity
    membership: Membership


def signup_of(token: str) -> Signup:
    """The sign-up behind a link, on whatever step it stands.

    Raises LinkExpired.
    """
    with platform_reading() as session:
        found = session.scalar(select(Signup).where(Signup.token_hash == identities.digest(token)))
    if found is None:
        raise LinkExpired
    return found


def identity_of(signup: Signup) -> Identity | None:
    """Whoever has an account with the address already, and keeps its password."""
    with platform_reading() as session:
        return identities.find_by_email(session, signup.email)


def opened(signup_id: UUID) -> Opened:
    """What a sign-up has led to, once its owner is a member."""
    query = (
        select(Tenant, Identity, Membership)
        .join(Signup, Signup.tenant_id == Tenant.id)
        .join(Identity, Identity.email == Signup.email)
        .join(Membership, (Membership.tenant_id == Tenant.id) & (Membership.identity_id == Identity.id))
        .where(Signup.id == signup_id)
    )
    with platform_reading() as session:
        tenant, identity, membership = session.execute(query).one()
    return Opened(tenant=tenant, identity=identity, membership=membership)
