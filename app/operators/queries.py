from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import ColumnElement, Row, Select, func, or_, select, tuple_

from billing.models import Subscription
from config.settings import settings
from tenants.db import platform_reading
from tenants.figures import TenantFigures
from tenants.models import Tenant
from tenants.registry import TenantNotFound

PAGE = 50

_FIGURES = [
    getattr(TenantFigures, name)
    for name in (
        *("taken_at", "waiting_since", "users", "records", "storage", "transferred"),
        *("jobs_pending", "jobs_failed", "deliveries_dead", "errors", "trouble"),
    )
]
_TENANT = [
    getattr(Tenant, name)
    for name in (
        *("id", "slug", "name", "status", "timezone", "locale", "country", "cell", "pg_schema", "revision"),
        *("migration_error", "opened_at", "next_due_at", "suspended_at", "suspended_for"),
    )
]
_ACTIVE_AT = func.coalesce(TenantFigures.active_at, Tenant.opened_at, Tenant.created_at)
_ORDERS: dict[str, tuple[ColumnElement[Any], bool]] = {
    "trouble": (func.coalesce(TenantFigures.trouble, 0), False),
    "name": (func.lower(Tenant.name), True),
    "transferred": (func.coalesce(TenantFigures.transferred, 0), False),
    "active": (_ACTIVE_AT, False),
}
"""(by what, whether the smallest comes first)"""

SORTS = tuple(_ORDERS)
_ALL: Select[*tuple[Any, ...]] = (
    select(*_TENANT, *_FIGURES, _ACTIVE_AT.label("active_at"), Subscription.plan, Subscription.state)
    .outerjoin(TenantFigures, TenantFigures.tenant_id == Tenant.id)
    .outerjoin(Subscription, Subscription.tenant_id == Tenant.id)
    # Neither stock, nor erased, nor a backup that has not arrived.
    .where(Tenant.slug.is_not(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    words: str = ""
    sort: str = "trouble"
    after: str | None = None


def tenants(query: Query) -> tuple[Sequence[Row[Any]], str | None]:
    """(a page of tenants with their figures, behind which the next one begins), in one statement."""
    by, rises = _ORDERS[query.sort]
    statement = _found(_ALL.add_columns(by.label("place")), query.words)
    place = _read(query)
    if place is not None:
        here = tuple_(*place)
        this = tuple_(by, Tenant.id)
        statement = statement.where(this > here if rises else this < here)
    order = (by, Tenant.id) if rises else (by.desc(), Tenant.id.desc())
    with platform_reading() as session:
        found = session.execute(statement.order_by(*order).limit(PAGE + 1)).all()
    return found[:PAGE], _behind(found[PAGE - 1], query.sort) if len(found) > PAGE else None


def _found(statement: Select[Any], words: str) -> Select[Any]:
    if not words:
        return statement
    return statement.where(
        or_(Tenant.slug.contains(words.lower(), autoescape=True), Tenant.name.icontains(words, autoescape=True))
    )


def tenant(tenant_id: UUID) -> Row[Any]:
    """Raises TenantNotFound."""
    with platform_reading() as session:
        found: Row[Any] | None = session.execute(_ALL.where(Tenant.id == tenant_id)).one_or_none()
    if found is None:
        raise TenantNotFound
    return found


def failed_jobs() -> Sequence[Row[Any]]:
    """(id, name, jobs_failed, failed_job, failed_job_at) of each tenant with any in the last week, the latest first."""
    columns = (TenantFigures.jobs_failed, TenantFigures.failed_job, TenantFigures.failed_job_at)
    query: Select[*tuple[Any, ...]] = (
        select(Tenant.id, Tenant.name, *columns)
        .join(TenantFigures, TenantFigures.tenant_id == Tenant.id)
        .where(TenantFigures.jobs_failed > 0)
        .order_by(TenantFigures.failed_job_at.desc().nulls_last())
        .limit(PAGE)
    )
    with platform_reading() as session:
        return session.execute(query).all()


def _behind(row: Row[Any], sort: str) -> str:
    value = row.place.isoformat() if sort == "active" else row.place
    return str(_signer().dumps([sort, value, str(row.id)]))


def _read(query: Query) -> tuple[Any, UUID] | None:
    """A place that was tampered with, or belongs to another order, means the first page."""
    try:
        sort, value, tenant_id = _signer().loads(query.after) if query.after else ("", "", "")
    except BadSignature:
        return None
    if sort != query.sort:
        return None
    return (datetime.fromisoformat(value) if sort == "active" else value), UUID(tenant_id)


@cache
def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().signing_keys, salt="list of tenants")
