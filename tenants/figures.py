"""Numbers for those who run the house: of each tenant as it was when the scheduler looked last, and of all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from redis import RedisError
from sqlalchemy import BigInteger, ForeignKey, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants import heartbeat, lanes, migrations
from tenants.db import PlatformModel, platform_reading
from tenants.models import Tenant, TenantStatus
from tenants.trouble import Trouble


class TenantFigures(PlatformModel):
    """How a tenant was when it was looked at last. Whoever asks about all tenants reads these and visits none of them.

    ``_since``: when the oldest that waits fell due; in the future while nothing is overdue.
    """

    __tablename__ = "tenant_figures"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("platform.tenants.id"), unique=True)
    taken_at: Mapped[datetime]
    active_at: Mapped[datetime | None]
    """The last change."""

    changes_waiting: Mapped[int] = mapped_column(server_default=text("0"))
    waiting_since: Mapped[datetime | None]
    """Of the oldest change that nobody has forwarded."""

    users: Mapped[int | None] = mapped_column(BigInteger)
    records: Mapped[int | None] = mapped_column(BigInteger)
    storage: Mapped[int | None] = mapped_column(BigInteger)
    transferred: Mapped[int] = mapped_column(BigInteger)
    """Bytes in this month of the tenant."""

    jobs_pending: Mapped[int]
    jobs_since: Mapped[datetime | None]
    mails_waiting: Mapped[int] = mapped_column(server_default=text("0"))
    mails_since: Mapped[datetime | None]
    webhooks_waiting: Mapped[int] = mapped_column(server_default=text("0"))
    webhooks_since: Mapped[datetime | None]
    errors: Mapped[int] = mapped_column(server_default=text("0"))
    """Requests of the last day that ended with the status 500 (tenants/request_errors.py)."""

    jobs_failed: Mapped[int]
    """Of the last week, as the deliveries that were given up."""

    failed_job: Mapped[str | None]
    """The function of the last one."""

    failed_job_at: Mapped[datetime | None]
    deliveries_dead: Mapped[int]
    trouble: Mapped[int]
    """tenants/trouble.py"""


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


def tenants_in_trouble() -> Mapping[str, int]:
    """How many tenants were in each kind of trouble when they were looked at last."""
    query = select(TenantFigures.trouble, func.count()).group_by(TenantFigures.trouble)
    with platform_reading() as session:
        found = session.execute(query.where(TenantFigures.trouble > 0)).all()
    return {
        kind.name.lower(): sum(count for trouble, count in found if trouble & kind)
        for kind in Trouble
        if kind.name is not None
    }


def requests_failed() -> int:
    """Requests of the last day, of all tenants, that ended with the status 500."""
    with platform_reading() as session:
        return session.scalar(select(func.coalesce(func.sum(TenantFigures.errors), 0))) or 0


def jobs_ended() -> Mapping[str, int]:
    """How jobs ended since Redis began to count; nothing without Redis."""
    try:
        with lanes.connection() as redis:
            found = redis.hgetall(lanes.OUTCOMES)
    except RedisError:
        return {}
    return {outcome: int(found.get(outcome.encode(), 0)) for outcome in ("done", "failed")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    workers: int
    scheduler: bool


def alive() -> Alive | None:
    """Who gave a sign of life lately; None when Redis does not answer."""
    try:
        with lanes.connection() as redis:
            return Alive(workers=heartbeat.workers(redis), scheduler=heartbeat.last(redis, "scheduler") is not None)
    except RedisError:
        return None
