"""Gathering: once a minute each tenant is looked at, so that a page about all of them visits none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from app.operators import inspection, trouble
from app.operators.models import TenantFigures
from app.operators.trouble import Condition
from billing import metering, totals
from tenants import clock, migrations, registry
from tenants.db import new_id, platform_work
from tenants.models import Tenant, TenantStatus

log = get_logger()

_AT_ONCE = 100
_WORKED_IN = {TenantStatus.OPEN, TenantStatus.SUSPENDED}


def gather() -> int:
    """Answers how many tenants were looked at.."""
    tenants = (tenant for tenant in registry.every_tenant() if tenant.status in _WORKED_IN)
    seen = 0
    while some := list(islice(tenants, _AT_ONCE)):
        seen += _gather(some)
    return seen


def _gather(some: Sequence[Tenant]) -> int:
    ids = [tenant.id for tenant in some]
    transferred, levels = metering.bytes_this_month(ids), totals.levels(ids)
    found = [
        {**_figures(tenant, watched), **levels[tenant.id], "transferred": transferred[tenant.id]}
        for tenant, watched in _watched(some)
    ]
    if found:
        with platform_work() as session:
            added = insert(TenantFigures)
            kept = {name: added.excluded[name] for name in found[0] if name not in {"id", "tenant_id", "created_at"}}
            session.execute(added.on_conflict_do_update(index_elements=["tenant_id"], set_=kept), found)
    return len(found)


def _watched(some: Sequence[Tenant]) -> Iterator[tuple[Tenant, Row[Any] | None]]:
    for tenant in some:
        try:
            yield tenant, inspection.watched(tenant)
        except SQLAlchemyError as error:
            # A schema that a migration left behind has not all tables yet; that it is behind is told all the same.
            log.warning("operators.not_watched", tenant=str(tenant.id), error=type(error).__name__)
            yield tenant, None


def _figures(tenant: Tenant, watched: Row[Any] | None) -> dict[str, Any]:
    now = clock.now()
    condition = Condition(
        works=tenant.status is TenantStatus.OPEN,
        migration_failed=tenant.migration_error is not None,
        behind=tenant.revision != migrations.head(migrations.TENANT_TREE),
        waiting_since=watched.waiting_since if watched else None,
        due_since=tenant.next_due_at,
        jobs_failed=watched.jobs_failed if watched else 0,
        deliveries_dead=watched.deliveries_dead if watched else 0,
    )
    return {
        "id": new_id(),
        "created_at": now,
        "tenant_id": tenant.id,
        "taken_at": now,
        "active_at": watched.active_at if watched else None,
        "waiting_since": condition.waiting_since,
        "jobs_pending": watched.jobs_pending if watched else 0,
        "jobs_failed": condition.jobs_failed,
        "deliveries_dead": condition.deliveries_dead,
        "trouble": int(trouble.found(condition, now=now)),
    }


def gather_one(tenant_id: UUID) -> None:
    """At once, after something was done to it."""
    _gather([registry.find(tenant_id)])
