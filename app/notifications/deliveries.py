"""Messages that leave the house: claimed, sent outside any transaction, settled one by one.

Killed while it sends, a worker may leave a message that goes out a second time, with the same id; none is lost.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from structlog import get_logger

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import clock, turns
from tenants.db import after_commit, db
from tenants.lanes import Lane
from tenants.turns import Kind

log = get_logger()

ATTEMPTS = 8
GIVEN_UP_AFTER = timedelta(days=3)
"""So long a message waits for a server that cannot be reached."""

CLAIM = timedelta(seconds=60)
"""What nobody has settled after so long, a killed worker had: it is due again."""

PATIENCE = timedelta(seconds=20)
"""After so long one looks whether somebody has come to what was due apart."""

_LONGEST_PAUSE = 3600
_ME = secrets.token_hex(6)


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


def claim(channel: Channel, *, most: int, lease: timedelta = CLAIM) -> Sequence[Delivery]:
    """What of this channel is due, for whoever settles each within the lease."""
    now = clock.now()
    due = select(Delivery).where(Delivery.channel == channel, Delivery.due_at <= now)
    first = due.order_by(Delivery.due_at, Delivery.id).limit(most).with_for_update(skip_locked=True)
    claimed = db.session.scalars(first).all()
    for delivery in claimed:
        delivery.state, delivery.claimed_by = DeliveryState.SENDING, _me()
        delivery.attempts += 1
        delivery.due_at = now + lease
    return claimed


def _me() -> str:
    return f"{_ME}-{os.getpid()}"


def settle(delivery_id: UUID, outcome: Outcome) -> Delivery | None:
    """What became of it; None where somebody else has claimed it meanwhile."""
    delivery = db.session.get_one(Delivery, delivery_id, with_for_update=True)
    if delivery.claimed_by != _me() or delivery.state is not DeliveryState.SENDING:
        return None
    delivery.error, delivery.answer = outcome.error, outcome.answer
    if outcome.error is None:
        delivery.state = DeliveryState.SENT if outcome.sent else DeliveryState.DROPPED
        delivery.sent_at = clock.now() if outcome.sent else None
        delivery.due_at = None
    else:
        _not_taken(delivery, outcome)
    return delivery


def _not_taken(delivery: Delivery, outcome: Outcome) -> None:
    now, is_old = clock.now(), delivery.created_at < clock.now() - GIVEN_UP_AFTER
    is_tried = delivery.attempts >= ATTEMPTS if outcome.put_off_until is None else is_old
    if outcome.is_final or is_tried:
        delivery.state, delivery.due_at = DeliveryState.DEAD, None
        log.warning("deliveries.dead", channel=delivery.channel.value, error=outcome.error)
    elif outcome.put_off_until is None:
        delivery.state, delivery.due_at = DeliveryState.PENDING, now + _pause(delivery.attempts)
    else:
        delivery.state, delivery.due_at = DeliveryState.PENDING, outcome.put_off_until
        delivery.attempts -= 1


def _pause(attempts: int) -> timedelta:
    """Four times as long each time, not all at once."""
    return timedelta(seconds=min(_LONGEST_PAUSE, 5 * 4 ** (attempts - 1)) * random.uniform(0.8, 1.2))


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
