"""A few numbers about all tenants together, for those who run the house."""

from __future__ import annotations

from collections.abc import Mapping

from redis import RedisError
from sqlalchemy import func, select

from tenants import lanes, migrations
from tenants.db import platform_reading
from tenants.models import Tenant, TenantStatus


def tenants_by_status() -> Mapping[str, int]:
    with platform_reading() as session:
        found = session.execute(select(Tenant.status, func.count()).group_by(Tenant.status)).all()
    return {status.value: 0 for status in TenantStatus} | {status.value: count for status, count in found}


def tenants_behind() -> int:
    """How many schemas stand at another revision than this program's."""
    head = migrations.head(migrations.TENANT_TREE)
    query = select(func.count()).where(Tenant.revision != head, Tenant.status != TenantStatus.CLOSED)
    with platform_reading() as session:
        return session.scalar(query) or 0


def jobs_ended() -> Mapping[str, int]:
    """How jobs ended since Redis began to count; nothing without Redis."""
    try:
        with lanes.connection() as redis:
            found = redis.hgetall(lanes.OUTCOMES)
    except RedisError:
        return {}
    return {outcome: int(found.get(outcome.encode(), 0)) for outcome in ("done", "failed")}
