"""Turns: shared workers go round the tenants that have something to forward, a bounded piece each.

A hint says "this tenant has work" and nothing else. It is sent once while one is on its way or at work, and again when
it was lost: a mark in the outbox stays until a turn has found nothing left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from uuid import UUID

from redis import RedisError
from sqlalchemy import text
from structlog import get_logger

from tenants import lanes, registry
from tenants.db import platform_reading, platform_work
from tenants.lanes import Lane
from tenants.models import Tenant, TenantStatus

log = get_logger()

LEASE_MS = 10_000
"""A hint that Redis lost, or whose worker was killed, comes back after so long."""


class Kind(StrEnum):
    CHANGES = "changes"
    """Changes wait to be taken up."""

    DUE = "due"
    """A deadline or a delivery is due."""

    WEBHOOKS = "webhooks"
    """Strangers are to be told something."""

    MAILS = "mails"
    """Mails are to leave."""


_OWN_LANES = {
    Kind.WEBHOOKS: {Lane.TURNS: Lane.WEBHOOKS, Lane.BULK: Lane.WEBHOOKS_AGAIN},
    Kind.MAILS: {Lane.TURNS: Lane.MAILS, Lane.BULK: Lane.MAILS_AGAIN},
}
"""Kinds of turns for which nobody else shall wait, each with its own lane in the place of another."""


class Left(StrEnum):
    """What a turn leaves behind."""

    NOTHING = "nothing"
    MORE = "more"
    UNKNOWN = "unknown"
    """Another worker is at it."""


Turn = Callable[[Tenant], Left]
"""A bounded piece of one tenant's work. Safe to be killed and to run twice at once."""

_turns: dict[str, Turn] = {}


def assign(kind: Kind, turn: Turn) -> None:
    """What a worker does in a turn of this kind."""
    _turns[kind] = turn


def hint(kind: Kind, tenant_ids: Collection[UUID], *, lane: Lane = Lane.TURNS) -> int:
    """Tell the workers of those who are not on the list already; answers how many were told."""
    if not tenant_ids:
        return 0
    try:
        taken = lanes.take_leases([_lease(kind, one) for one in tenant_ids], milliseconds=LEASE_MS)
        free = [one for one in tenant_ids if _lease(kind, one) in taken]
        own_lane = _OWN_LANES.get(kind, {}).get(lane, lane)
        lanes.send(own_lane, take, [[kind.value, str(tenant_id)] for tenant_id in free])
    except RedisError as error:
        log.warning("turns.hint_lost", error=type(error).__name__, tenants=len(tenant_ids))
        return 0
    return len(free)


def _lease(kind: Kind, tenant_id: UUID) -> str:
    return f"kontor:turn:{kind}:{tenant_id}"


@lanes.door
def take(kind: str, tenant_id: str) -> None:
    """One turn of one tenant. Marks are read before and go after a turn that left nothing: what is marked meanwhile
    may be older, so exactly these go.
    """
    one, tenant = Kind(kind), registry.find(UUID(tenant_id))
    marks = _marks(one, tenant)
    left = _left(one, tenant)
    if left is Left.NOTHING and marks:
        with platform_work() as session:
            session.execute(text("DELETE FROM platform.outbox WHERE id = ANY(:marks)"), {"marks": marks})
    lanes.give_back(_lease(one, tenant.id))
    if left is Left.MORE:
        # To the end of the line, behind all who have waited.
        hint(one, [tenant.id], lane=Lane.BULK)


def _left(kind: Kind, tenant: Tenant) -> Left:
    """A suspended tenant keeps its marks: they bring it back to where it stood."""
    match tenant.status:
        case TenantStatus.OPEN:
            return _turns[kind](tenant)
        case TenantStatus.SUSPENDED:
            return Left.UNKNOWN
        case _:
            return Left.NOTHING


def _marks(kind: Kind, tenant: Tenant) -> Sequence[int]:
    query = text("SELECT id FROM platform.outbox WHERE role = :role AND note = :note")
    with platform_reading() as session:
        return session.scalars(query, {"role": tenant.pg_schema, "note": kind.value}).all()
