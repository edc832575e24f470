"""Gathering: once a minute each tenant is looked at, so that a page about all of them visits none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.dialects.postgresql import insert

from app.operators import inspection
from billing import metering, totals
from tenants import clock, everywhere, migrations, registry, request_errors, trouble
from tenants.db import new_id, platform_work
from tenants.figures import TenantFigures
from tenants.models import Tenant, TenantStatus
from tenants.trouble import Condition, Trouble

_AT_ONCE = 100
_WORKED_IN = {TenantStatus.OPEN, TenantStatus.SUSPENDED}


def gather() -> int:
    """Answers how many tenants were looked at."""
    tenants = (tenant for tenant in registry.every_tenant() if tenant.status in _WORKED_IN)
    seen = 0
    while some := list(islice(tenants, _AT_ONCE)):
        seen += _gather(some)
    return seen


def _gather(some: Sequence[Tenant]) -> int:
    ids = [tenant.id for tenant in some]
    transferred, levels, errors = metering.bytes_this_month(ids), totals.levels(ids), request_errors.lately(ids)
    watched = list(_watched(some))
    _keep(
        [
            {
                **_seen(tenant, row, errors=errors.get(tenant.id, 0)),
                **levels[tenant.id],
                "transferred": transferred[tenant.id],
            }
            for tenant, row in watched
            if row is not None
        ]
    )
    _mark_unreadable([tenant for tenant, row in watched if row is None])
    return len(watched)


def _keep(found: Sequence[dict[str, Any]]) -> None:
    if found:
        with platform_work() as session:
            added = insert(TenantFigures)
            kept = {name: added.excluded[name] for name in found[0] if name not in {"id", "tenant_id", "created_at"}}
            session.execute(added.on_conflict_do_update(index_elements=["tenant_id"], set_=kept), found)


def _mark_unreadable(some: Sequence[Tenant]) -> None:
    """What was counted there stays, with the moment at which it was true."""
    now = clock.now()
    blank = {"transferred": 0, "jobs_pending": 0, "jobs_failed": 0, "deliveries_dead": 0}
    found = [
        {
            "id": new_id(),
            "created_at": now,
            "tenant_id": tenant.id,
            "taken_at": now,
            "trouble": int(trouble.found(_condition(tenant), now=now) | Trouble.UNREADABLE),
            **blank,
        }
        for tenant in some
    ]
    if found:
        with platform_work() as session:
            added = insert(TenantFigures)
            marked = {"trouble": added.excluded.trouble}
            session.execute(added.on_conflict_do_update(index_elements=["tenant_id"], set_=marked), found)


def _watched(some: Sequence[Tenant]) -> Iterator[tuple[Tenant, Row[Any] | None]]:
    """None where a schema is broken, locked, or left behind by a migration; that it is, is told all the same."""
    found = everywhere.for_each_tenant("figures of tenants", inspection.watched, among=some)
    return ((tenant, found.get(tenant.id)) for tenant in some)


def _condition(tenant: Tenant) -> Condition:
    """What the directory knows."""
    return Condition(
        works=tenant.status is TenantStatus.OPEN,
        migration_failed=tenant.migration_error is not None,
        behind=tenant.revision != migrations.head(migrations.TENANT_TREE),
        due_since=tenant.next_due_at,
    )


def _seen(tenant: Tenant, watched: Row[Any], *, errors: int) -> dict[str, Any]:
    now = clock.now()
    condition = replace(
        _condition(tenant),
        waiting_since=watched.waiting_since,
        jobs_failed=watched.jobs_failed,
        deliveries_dead=watched.deliveries_dead,
        errors=errors,
    )
    return {
        "id": new_id(),
        "created_at": now,
        "tenant_id": tenant.id,
        "taken_at": now,
        **watched._mapping,
        "errors": errors,
        "trouble": int(trouble.found(condition, now=now)),
    }


def gather_one(tenant_id: UUID) -> None:
    """At once, after something was done to it."""
    _gather([registry.find(tenant_id)])
