"""The directory of tenants: find one, list them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from tenants.db import platform_reading
from tenants.errors import NotFound
from tenants.models import Tenant, TenantStatus


class TenantNotFound(NotFound):
    """There is no account at this address."""


def find(tenant_id: UUID) -> Tenant:
    """Raises TenantNotFound."""
    with platform_reading() as session:
        found = session.get(Tenant, tenant_id)
    if found is None:
        raise TenantNotFound
    return found


def named(slug: str) -> Tenant:
    """Raises TenantNotFound."""
    with platform_reading() as session:
        found = session.scalar(select(Tenant).where(Tenant.slug == slug))
    if found is None:
        raise TenantNotFound
    return found


def tenants(*, after: str = "", limit: int = 1000) -> Sequence[Tenant]:
    """The tenants that belong to somebody, by slug, a page at a time."""
    with platform_reading() as session:
        return session.scalars(
            select(Tenant)
            .where(Tenant.status != TenantStatus.STOCK, Tenant.slug > after)
            .order_by(Tenant.slug)
            .limit(limit)
        ).all()
