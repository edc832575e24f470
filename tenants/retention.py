"""How long rows are kept that nobody enters: they go in batches, each of which is a transaction of its own."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from config.settings import settings
from tenants import clock, everywhere, routing
from tenants.context import Scope
from tenants.db import TenantModel
from tenants.jobs import Job, JobState
from tenants.models import Tenant

BATCH = 1000
_UUID7_MOMENT_BITS = 80
"""How far the milliseconds stand to the left in a UUIDv7 (RFC 9562)."""


def made_before(days: int) -> UUID:
    """Ids sort by the time at which they were made: those below this are older than so many days."""
    moment = clock.now() - timedelta(days=days)
    return UUID(int=int(moment.timestamp() * 1000) << _UUID7_MOMENT_BITS)


def forget(scope: Scope, model: type[TenantModel], *which: ColumnElement[bool], days: int) -> int:
    """Remove rows of these that are older; answers how many."""
    removed, before = 0, made_before(days)
    some = select(model.id).where(model.id < before, *which).order_by(model.id).limit(BATCH)
    while True:
        with everywhere.inside(scope) as session:
            found = session.scalars(some).all()
            session.execute(delete(model).where(model.id.in_(found)))
        removed += len(found)
        if len(found) < BATCH:
            return removed


def forget_changes_everywhere() -> None:
    everywhere.for_each_tenant("old changes", _forget_changes)


def _forget_changes(tenant: Tenant) -> None:
    """They stay in the journal; only the order in which they were taken up goes, from its beginning."""
    removed, before = BATCH, clock.now() - timedelta(days=settings().changes_kept_days)
    while removed == BATCH:
        with everywhere.inside(tenant.scope()):
            removed = routing.forget(before=before, most=BATCH)


def forget_jobs_everywhere() -> None:
    everywhere.for_each_tenant("old jobs", _forget_jobs)


def _forget_jobs(tenant: Tenant) -> None:
    forget(tenant.scope(), Job, Job.state == JobState.DONE, days=settings().jobs_kept_days)
    forget(tenant.scope(), Job, Job.state == JobState.FAILED, days=settings().dead_letters_kept_days)
