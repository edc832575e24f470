"""Messages that leave the house: claimed, sent outside any transaction, settled one by one.

Killed while it sends, a worker may leave a message that goes out a second time, with the same id; none is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import attempts, clock, relay, turns
from tenants.db import after_commit, db
from tenants.errors import NotFound
from tenants.lanes import Lane
from tenants.turns import Kind

GIVEN_UP_AFTER = timedelta(days=3)
"""So long a message waits for a server that cannot be reached."""

PATIENCE = timedelta(seconds=20)
"""After so long one looks whether somebody has come to what was due apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    sent: bool = True
    """False where there was nobody any more who might have got it."""

    error: str | None = None
    answer: int | None = None
    is_final: bool = False
    """It will never be taken, however often it is sent."""

    put_off_until: datetime | None = None
    """Where nothing could be sent at present and the message is not to blame: when it is due again."""


_apart: dict[Channel, tuple[Kind, Callable[[], bool]]] = {}


def _never() -> bool:
    return False


def send_apart(channel: Channel, kind: Kind, *, is_lagging: Callable[[], bool] = _never) -> None:
    """Messages of this channel are sent in turns of this kind: whoever takes them may be slow. A tenant of whose
    messages some were just not taken goes behind all others.
    """
    _apart[channel] = (kind, is_lagging)


def claim(channel: Channel, *, most: int, lease: timedelta = Delivery.policy.lease) -> Sequence[Delivery]:
    """What of this channel is due, for whoever settles each before the lease ends (tenants/attempts.py)."""
    now = clock.now()
    claimed = attempts.claim(db.session(), Delivery, Delivery.channel == channel, most=most, at=now)
    for delivery in claimed:
        delivery.hold(until=now + lease)
    return claimed


def settle(delivery_id: UUID, outcome: Outcome) -> Delivery | None:
    """What became of it; None where somebody else has claimed it meanwhile."""
    delivery = attempts.mine(db.session(), Delivery, delivery_id)
    if delivery is None:
        return None
    delivery.answer = outcome.answer
    if outcome.error is None:
        delivery.finish(DeliveryState.SENT if outcome.sent else DeliveryState.DROPPED)
        delivery.sent_at = clock.now() if outcome.sent else None
    else:
        _not_taken(delivery, outcome, outcome.error)
    return delivery


def _not_taken(delivery: Delivery, outcome: Outcome, error: str) -> None:
    is_old = delivery.created_at < clock.now() - GIVEN_UP_AFTER
    if outcome.is_final or (outcome.put_off_until is not None and is_old):
        delivery.die(error)
    elif outcome.put_off_until is not None:
        delivery.put_off(error, until=outcome.put_off_until)
    else:
        delivery.fail(error, at=clock.now())


def retry(delivery_id: UUID, *, at: datetime) -> None:
    """One that was given up, once more from the beginning.

    Raises NotFound.
    """
    _given_up(delivery_id).retry(at=at)
    relay.mark_due()


def discard(delivery_id: UUID) -> None:
    """Raises NotFound."""
    _given_up(delivery_id).finish(DeliveryState.DROPPED)


def _given_up(delivery_id: UUID) -> Delivery:
    found = db.session.get(Delivery, delivery_id, with_for_update=True)
    if found is None or found.state is not DeliveryState.DEAD:
        raise NotFound
    return found


def next_attempt(channel: Channel) -> datetime | None:
    query = select(Delivery.due_at).where(Delivery.channel == channel, Delivery.due_at.is_not(None))
    return db.session.scalar(query.order_by(Delivery.due_at).limit(1))


def appointment(tenant_id: UUID) -> datetime | None:
    """When this tenant is to be looked at again. Whoever sends is told of what is due now."""
    now = clock.now()
    found: list[datetime] = []
    for channel, (kind, is_lagging) in _apart.items():
        due_at = next_attempt(channel)
        if due_at is not None and due_at <= now:
            after_commit(partial(_hint, kind, tenant_id, lane=Lane.BULK if is_lagging() else Lane.TURNS))
            # The hint may be lost.
            due_at = now + PATIENCE
        if due_at is not None:
            found.append(due_at)
    return min(found, default=None)


def _hint(kind: Kind, tenant_id: UUID, *, lane: Lane) -> None:
    turns.hint(kind, [tenant_id], lane=lane)
