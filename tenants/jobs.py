"""Work for later: a row first, stored with the transaction that asks for it; Redis only hears "there is work".

So nothing is lost when Redis is, and a job that a killed worker left behind runs again (tenants/attempts.py). One job
is one transaction. Firms go round: a hint names a firm, whoever hears it does the firm's next job and sends the firm
to the end of the line.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from redis import RedisError
from sqlalchemy import ColumnElement, Index, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column
from structlog import get_logger

from config.settings import settings
from tenants import attempts, clock, lanes, registry
from tenants.attempts import Attempted, Policy
from tenants.context import Actor, Origin, Scope, current_actor, current_origin, current_scope, tenant_scope
from tenants.db import TenantModel, after_commit, db, mark, unit_of_work
from tenants.errors import NotFound, TooMany
from tenants.lanes import Lane, Stopped
from tenants.models import Tenant, TenantStatus, stored

log = get_logger()

_HINT_LOST_MS = 10_000
_registered: dict[str, Callable[..., None]] = {}
_in_suspension: set[str] = set()


class TooManyJobs(TooMany):
    """So much is waiting to be done for your firm that nothing can be added. Please wait until some of it is done."""

    code = "too_many_jobs"


class JobState(StrEnum):
    PENDING = "pending"
    """It waits, or a worker has it: the lease says which."""

    DONE = "done"
    FAILED = "failed"


class Job(Attempted, TenantModel):
    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "due_at", postgresql_where=text("state = 'pending'")),
        {"info": {"unrecorded": "It is how work gets done, not what people enter."}},
    )
    # The lease only bridges the moment until the job's own transaction holds the row: who dies lets go of it at once.
    policy = Policy(
        waiting=JobState.PENDING,
        claimed=JobState.PENDING,
        dead=JobState.FAILED,
        lease=timedelta(seconds=5),
        first_pause=timedelta(seconds=20),
        most=5,
    )

    name: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[UUID | None]
    depth: Mapped[int] = mapped_column(default=0)
    request: Mapped[str] = mapped_column(default="", server_default="")
    """Of whoever began it, through all jobs that follow: in the journal it names what a person did at once."""

    state: Mapped[JobState] = mapped_column(stored(JobState), default=JobState.PENDING)


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Only functions marked so can be put off; their name is stored, so renaming one needs a thought."""
    _registered[f"{function.__module__}.{function.__name__}"] = function
    return function


def job_in_suspension(function: Callable[..., None]) -> Callable[..., None]:
    """The same for what only takes along what is there: it is done for a suspended tenant, too."""
    _in_suspension.add(f"{function.__module__}.{function.__name__}")
    return job(function)


def later(function: Callable[..., None], **arguments: Any) -> None:
    """Run ``function(**arguments)`` soon, for this tenant and actor, once this unit of work is saved.

    Arguments are plain: ids as text, numbers, text.
    """
    row = Job(
        name=f"{function.__module__}.{function.__name__}",
        arguments=arguments,
        actor=current_actor().user_id,
        depth=current_origin().depth,
        request=current_origin().request,
        due_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    mark("jobs")
    tenant_id = current_scope().tenant_id
    after_commit(partial(_tell, tenant_id, row.id))


def _tell(tenant_id: UUID, job_id: UUID) -> None:
    hint({tenant_id: job_id})


def later_if_room(function: Callable[..., None], **arguments: Any) -> None:
    """The same for what a person asks for by itself, as an export: it is refused where too much waits already.

    Raises TooManyJobs.
    """
    waiting = select(Job.id).where(Job.state == JobState.PENDING).limit(settings().jobs_waiting).subquery()
    if (db.session.scalar(select(func.count()).select_from(waiting)) or 0) >= settings().jobs_waiting:
        raise TooManyJobs
    later(function, **arguments)


def retry(job_id: UUID) -> None:
    """One that was given up, once more from the beginning.

    Raises NotFound.
    """
    _given_up(job_id).retry(at=clock.now())
    mark("jobs")
    after_commit(partial(_tell, current_scope().tenant_id, job_id))


def discard(job_id: UUID) -> None:
    """Raises NotFound."""
    db.session.delete(_given_up(job_id))


def _given_up(job_id: UUID) -> Job:
    row = db.session.get(Job, job_id, with_for_update=True)
    if row is None or row.state is not JobState.FAILED:
        raise NotFound
    return row


def hint(next_jobs: Mapping[UUID, UUID]) -> int:
    """Tell the workers of each tenant and its next job, unless a hint of the tenant is on its way already; answers how
    many were told. A hint that Redis loses comes back (tenants/lost_hints.py).
    """
    try:
        free = lanes.take_leases([_lease(one) for one in next_jobs], milliseconds=_HINT_LOST_MS)
        new = [one for one in next_jobs if _lease(one) in free]
        # Versions that know no turns of jobs do the one that is named.
        lanes.send(Lane.JOBS, perform, [[str(one), str(next_jobs[one])] for one in new])
    except RedisError as error:
        log.warning("jobs.hint_lost", error=type(error).__name__, tenants=len(next_jobs))
        return 0
    return len(new)


def _lease(tenant_id: UUID) -> str:
    return f"kontor:jobs:{tenant_id}"


@lanes.door
def perform(tenant_id: str, _job_id: str) -> None:
    """Run the tenant's next job, as its actor; what else is due goes to the end of the line. In a suspended tenant
    only what is allowed there is done, the rest waits.
    """
    tenant = registry.find(UUID(tenant_id))
    lanes.give_back(_lease(tenant.id))
    scope = tenant.scope_in_suspension()
    with tenant_scope(scope), unit_of_work() as session:
        row = _claim(session, *allowed(tenant))
    try:
        if row is not None:
            _attempt(scope, row)
    finally:
        _line_up(tenant)


def allowed(tenant: Tenant) -> Sequence[ColumnElement[bool]]:
    """Which jobs may be done for it at present."""
    return [Job.name.in_(_in_suspension)] if tenant.status is TenantStatus.SUSPENDED else []


def _claim(session: Session, *which: ColumnElement[bool]) -> Job | None:
    """The one that waits longest, unless as many run already as may at once.

    Of two workers that ask at the same moment one goes away: its hint comes again, and finds what the other has taken.
    """
    # A statement of its own counts who runs: it sees all that was taken before the lock was free.
    found = attempts.due(session, Job, IS_PENDING, _nobody_else_claims(), *which, most=1, at=clock.now())
    row = next(iter(found), None)
    if row is None or _running(session) >= settings().jobs_at_once:
        return None
    return row if row.claim(at=clock.now()) else None


def _nobody_else_claims() -> ColumnElement[bool]:
    """Of this firm, until the transaction ends. As a query of its own it is asked once, not for each row."""
    firm = func.hashtextextended(f"jobs:{current_scope().tenant_id}", 0)
    return select(func.pg_try_advisory_xact_lock(firm)).scalar_subquery()


IS_PENDING = Job.state == JobState.PENDING


def _running(session: Session) -> int:
    """Claimed, and either new or held by the transaction of whoever runs it."""
    claimed, now = (IS_PENDING, Job.claimed_by.is_not(None)), clock.now()
    left = select(Job.id).where(*claimed, Job.due_at <= now).with_for_update(skip_locked=True).cte("left_behind")
    held = or_(Job.due_at > now, Job.id.not_in(select(left.c.id)))
    return session.scalar(select(func.count()).where(*claimed, held)) or 0


def _attempt(scope: Scope, row: Job) -> None:
    try:
        _run(scope, row)
    except Exception:
        error = traceback.format_exc(limit=20)
        _settle(scope, row, lambda mine: mine.fail(error, at=clock.now()))
        lanes.count("failed")
        raise
    except Stopped:
        _settle(scope, row, lambda mine: mine.give_back(at=clock.now()))
        log.info("jobs.given_back", name=row.name, id=str(row.id))


def _settle(scope: Scope, row: Job, settle: Callable[[Job], None]) -> None:
    """Unless somebody else has it by now, or it was done all the same."""
    with tenant_scope(scope), unit_of_work() as session:
        mine = attempts.mine(session, Job, row.id)
        if mine is not None:
            settle(mine)


def _run(scope: Scope, row: Job) -> None:
    job_id = row.id
    origin = Origin(source="job", request=row.request, cause=str(job_id), depth=row.depth + 1)
    with (
        tenant_scope(scope, actor=Actor(user_id=row.actor, name=""), origin=origin),
        unit_of_work() as session,
    ):
        claimed = attempts.mine(session, Job, job_id)
        if claimed is not None:
            _registered[claimed.name](**claimed.arguments)
            claimed.finish(JobState.DONE)
            after_commit(lambda: lanes.count("done"))


def _line_up(tenant: Tenant) -> None:
    """Behind all who have waited."""
    due = select(Job.id).where(IS_PENDING, Job.due_at <= clock.now(), *allowed(tenant)).order_by(Job.due_at).limit(1)
    with tenant_scope(tenant.scope_in_suspension()), unit_of_work() as session:
        following = session.scalar(due.with_for_update(skip_locked=True))
    if following is not None:
        hint({tenant.id: following})
