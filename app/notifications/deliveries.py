"""Messages that leave the house: claimed, sent outside any transaction, settled one by one.

Killed while it sends, a worker may leave a message that goes out a second time, with the same id; none is lost.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from structlog import get_logger

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import clock
from tenants.context import Origin, Scope, tenant_scope
from tenants.db import db, unit_of_work

log = get_logger()

BATCH = 20
ATTEMPTS = 8
CLAIM = timedelta(seconds=60)
"""What nobody has settled after so long, a killed worker had: it is due again."""

_LONGEST_PAUSE = 3600
_ME = secrets.token_hex(6)

Send = Callable[[], str | None]
"""Hands one message over; answers what went wrong, or None. It has a time-out of its own."""

Prepare = Callable[[Sequence[Delivery]], Mapping[UUID, Send]]
"""From claimed deliveries of one channel to how each is sent; without those that nobody should get any more."""

_channels: dict[Channel, Prepare] = {}


def send_by(channel: Channel, prepare: Prepare) -> None:
    """How messages of this channel are sent."""
    _channels[channel] = prepare


def send_due(scope: Scope, *, origin: Origin) -> bool:
    """Send one batch of what is due; whether there may be more."""
    with tenant_scope(scope, origin=origin), unit_of_work():
        claimed = _claim()
        ways = {id_: send for one, prepare in _channels.items() for id_, send in prepare(_of(claimed, one)).items()}
    for delivery in claimed:
        send = ways.get(delivery.id)
        error = send() if send else None
        with tenant_scope(scope, origin=origin), unit_of_work():
            _settle(delivery.id, sent=send is not None, error=error)
    return len(claimed) == BATCH


def _of(claimed: Sequence[Delivery], one: Channel) -> list[Delivery]:
    return [delivery for delivery in claimed if delivery.channel is one]


def _claim() -> Sequence[Delivery]:
    now = clock.now()
    due = select(Delivery).where(Delivery.due_at <= now).order_by(Delivery.due_at, Delivery.id).limit(BATCH)
    claimed = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    for delivery in claimed:
        delivery.state, delivery.claimed_by = DeliveryState.SENDING, _me()
        delivery.attempts += 1
        delivery.due_at = now + CLAIM
    return claimed


def _me() -> str:
    return f"{_ME}-{os.getpid()}"


def _settle(delivery_id: UUID, *, sent: bool, error: str | None) -> None:
    """Unless somebody else has claimed it meanwhile."""
    delivery = db.session.get_one(Delivery, delivery_id, with_for_update=True)
    if delivery.claimed_by != _me() or delivery.state is not DeliveryState.SENDING:
        return
    delivery.error = error
    if error is None:
        delivery.state = DeliveryState.SENT if sent else DeliveryState.DROPPED
        delivery.sent_at = clock.now() if sent else None
        delivery.due_at = None
    elif delivery.attempts >= ATTEMPTS:
        delivery.state, delivery.due_at = DeliveryState.DEAD, None
        log.warning("deliveries.dead", channel=delivery.channel.value, error=error)
    else:
        delivery.state, delivery.due_at = DeliveryState.PENDING, clock.now() + _pause(delivery.attempts)


def _pause(attempts: int) -> timedelta:
    """Four times as long each time, not all at once."""
    return timedelta(seconds=min(_LONGEST_PAUSE, 5 * 4 ** (attempts - 1)) * random.uniform(0.8, 1.2))


def next_attempt() -> datetime | None:
    query = select(Delivery.due_at).where(Delivery.due_at.is_not(None)).order_by(Delivery.due_at).limit(1)
    return db.session.scalar(query)
