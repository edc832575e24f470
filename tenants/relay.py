"""The relay: looks who has something to forward or to do now, and tells the workers. One process does it.

A mark (platform.outbox) comes with the transaction that changed something; ``next_due_at`` says when a deadline or a
delivery is due. What raw SQL changed without a mark is found by ``sweep``, within a minute.
While people write it looks twenty times a second. When nobody does, it sleeps until the next mark wakes it up, and
looks once a second for what is due; so also where a pooler stands in the way and nobody hears of a mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, update

from tenants import clock, everywhere, routing, turns
from tenants.db import PlatformNotes, mark, platform_rows, platform_work
from tenants.models import Tenant
from tenants.turns import Kind
from tenants.wakeup import Sleeper

# Each tenant once a kind; those that waited longest come first where there are too many.
_WAITING = text(
    "(SELECT t.id, o.note FROM platform.outbox o JOIN platform.tenants t ON t.pg_schema = o.role"
    " WHERE o.note IN ('changes', 'due') AND t.status = 'open' GROUP BY t.id, o.note ORDER BY min(o.id) LIMIT 1000)"
    " UNION SELECT id, 'due' FROM platform.tenants WHERE next_due_at <= :now AND status = 'open'"
)


EVERY = timedelta(milliseconds=50)
_CALM_SECONDS = 2.0
_SLEEP_SECONDS = 1.0


class Relay:
    """Looks again and again, and sleeps when nobody has written for a while."""

    def __init__(self) -> None:
        self._sleeper = Sleeper()
        self._awake_until = 0.0

    def look(self) -> int:
        """Call it every 50 ms. Answers how many were told.

        Raises psycopg.Error, SQLAlchemyError.
        """
        if clock.stopwatch() < self._awake_until:
            told = tell_waiting()
        elif told := self._sleeper.sleep(tell_waiting, seconds=_SLEEP_SECONDS):
            self._sleeper.wake_up()
        if told:
            self._awake_until = clock.stopwatch() + _CALM_SECONDS
        return told

    def close(self) -> None:
        self._sleeper.close()


def tell_waiting() -> int:
    """Tell the workers of everybody who waits; answers how many were told."""
    waiting = platform_rows(_WAITING, {"now": clock.now()})
    return sum(turns.hint(kind, [row.id for row in waiting if row.note == kind]) for kind in Kind)


def sweep() -> int:
    """Find what waits without a mark, in every open tenant; answers how many had something."""
    found = everywhere.for_each_tenant("unmarked changes", _has_changes)
    return turns.hint(Kind.CHANGES, [tenant_id for tenant_id, has_some in found.items() if has_some])


def _has_changes(tenant: Tenant) -> bool:
    with everywhere.inside(tenant.scope()):
        return routing.has_more()


def mark_due() -> None:
    """With this unit of work something got a time at which it is due."""
    mark("due")


@contextmanager
def appointing(tenant_id: UUID) -> Iterator[Callable[[datetime | None], None]]:
    """Look what is due next, and keep it: two who look at once do so one after the other."""
    with platform_work(PlatformNotes) as session:
        session.scalar(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update())

        def appoint(at: datetime | None) -> None:
            session.execute(update(Tenant).where(Tenant.id == tenant_id).values(next_due_at=at))

        yield appoint
