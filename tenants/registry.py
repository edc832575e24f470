"""The directory of tenants: find one, list them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def every_tenant() -> Iterator[Tenant]:
    """All tenants that belong to somebody, by slug."""
    after = ""
    while page := tenants(after=after):
        yield from page
        after = page[-1].slug or ""


def open_tenants() -> Iterator[Tenant]:
    """Those that may work at present."""
    return (tenant for tenant in every_tenant() if tenant.status is TenantStatus.OPEN)


def with_schemas(pg_schemas: Sequence[str]) -> Sequence[Tenant]:
    """The open tenants among these schemas."""
    if not pg_schemas:
        return []
    with platform_reading() as session:
        return session.scalars(
            select(Tenant).where(Tenant.pg_schema.in_(pg_schemas), Tenant.status == TenantStatus.OPEN)
        ).all()
