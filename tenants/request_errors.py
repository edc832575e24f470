"""Requests of tenants that ended with the status 500: counted by hour, kind of exception and route. Names nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Row, Select, UniqueConstraint, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column
from structlog import get_logger

from tenants import clock
from tenants.db import PlatformModel, new_id, platform_reading, platform_work
from tenants.models import Tenant

log = get_logger()

LATELY = timedelta(days=1)
KEPT = timedelta(days=30)
MOST = 50


class RequestError(PlatformModel):
    """So many requests of a tenant failed in this way within an hour."""

    __tablename__ = "request_errors"
    __table_args__ = (UniqueConstraint("tenant_id", "hour", "kind", "route"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("platform.tenants.id", ondelete="CASCADE"))
    hour: Mapped[datetime]
    """Its beginning."""

    kind: Mapped[str]
    """Name of the exception's class, never its text: that may hold what people entered."""

    route: Mapped[str]
    """Method and pattern: ``GET /<slug>/contacts/<uuid:record_id>``."""

    number: Mapped[int]
    last_at: Mapped[datetime]


def count(tenant_id: UUID, *, kind: str, route: str) -> None:
    """One more. A request that has failed does not fail again because it cannot be counted; the log says so."""
    now = clock.now()
    added = insert(RequestError).values(
        id=new_id(),
        created_at=now,
        tenant_id=tenant_id,
        hour=now.replace(minute=0, second=0, microsecond=0),
        kind=kind,
        route=route,
        number=1,
        last_at=now,
    )
    same = ["tenant_id", "hour", "kind", "route"]
    again = {"number": RequestError.number + 1, "last_at": now}
    try:
        with platform_work() as session:
            session.execute(added.on_conflict_do_update(index_elements=same, set_=again))
    except SQLAlchemyError as error:
        log.warning("request_errors.not_counted", error=type(error).__name__)


def lately(tenant_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many there were in the last day, for tenants that had any."""
    query = (
        select(RequestError.tenant_id, func.sum(RequestError.number))
        .where(RequestError.tenant_id.in_(tenant_ids), RequestError.last_at > clock.now() - LATELY)
        .group_by(RequestError.tenant_id)
    )
    with platform_reading() as session:
        return {tenant_id: int(number) for tenant_id, number in session.execute(query)}


_NUMBER, _LAST_AT = func.sum(RequestError.number).label("number"), func.max(RequestError.last_at).label("last_at")
_GROUPED: Select[*tuple[Any, ...]] = (
    select(RequestError.kind, RequestError.route, _NUMBER, _LAST_AT)
    .group_by(RequestError.kind, RequestError.route)
    .order_by(_LAST_AT.desc())
    .limit(MOST)
)


def of_tenant(tenant_id: UUID) -> Sequence[Row[Any]]:
    """(kind, route, number, last_at) of the last month, the latest first, at most 50."""
    with platform_reading() as session:
        return session.execute(_GROUPED.where(RequestError.tenant_id == tenant_id)).all()


def of_all() -> Sequence[Row[Any]]:
    """The same of all tenants, each with the tenant's (id, name)."""
    query = (
        _GROUPED.add_columns(Tenant.id, Tenant.name)
        .join(Tenant, Tenant.id == RequestError.tenant_id)
        .group_by(Tenant.id, Tenant.name)
    )
    with platform_reading() as session:
        return session.execute(query).all()


def forget_old() -> int:
    """Those of more than a month ago; answers how many rows went."""
    with platform_work() as session:
        gone = session.execute(delete(RequestError).where(RequestError.last_at < clock.now() - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]
