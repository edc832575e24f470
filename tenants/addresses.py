"""Where mail for users of the current tenant goes, and in which language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tenants.context import current_scope
from tenants.db import platform_reading
from tenants.models import Identity, Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    email: str
    name: str
    locale: str


def of_users(user_ids: Collection[UUID]) -> Mapping[UUID | None, Address]:
    """Of those who still work here."""
    query = (
        select(Membership.user_id.label("id"), Identity.email, Identity.name, Identity.locale)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(Membership.tenant_id == current_scope().tenant_id, Membership.user_id.in_(user_ids), Membership.active)
    )
    with platform_reading() as session:
        found = session.execute(query).all()
    return {row.id: Address(email=row.email, name=row.name, locale=row.locale) for row in found}
