"""Messages that leave the house: claimed, sent outside any transaction, settled one by one.

Killed while it sends, a worker may leave a message that goes out a second time, with the same id; none is lost.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from structlog import get_logger

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import clock, turns
from tenants.context import Origin, Scope, tenant_scope
from tenants.db import after_commit, db, unit_of_work
from tenants.lanes import Lane
from tenants.turns import Kind

log = get_logger()

BATCH = 20
ATTEMPTS = 8
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


Send = Callable[[], str | None]
"""Hands one message over; answers what went wrong, or None. It has a time-out of its own."""

Prepare = Callable[[Sequence[Delivery]], Mapping[UUID, Send]]
"""From claimed deliveries of one channel to how each is sent; without those that nobody should get any more."""

_channels: dict[Channel, Prepare] = {}
_apart: dict[Channel, tuple[Kind, Callable[[], bool]]] = {}


def send_by(channel: Channel, prepare: Prepare) -> None:
    """How messages of this channel are sent."""
    _channels[channel] = prepare


def send_apart(channel: Channel, kind: Kind, *, is_lagging: Callable[[], bool]) -> None:
    """Messages of this channel are sent in turns of this kind: whoever takes them may be slow. A tenant of whose
    messages some were just not taken goes behind all others.
    """
    _apart[channel] = (kind, is_lagging)


def send_due(scope: Scope, *, origin: Origin) -> bool:
    """Send one batch of what is due, of each channel; whether there may be more."""
    full = [channel for channel, prepare in _channels.items() if _send_batch(scope, origin, channel, prepare)]
    return bool(full)


def _send_batch(scope: Scope, origin: Origin, channel: Channel, prepare: Prepare) -> bool:
    with tenant_scope(scope, origin=origin), unit_of_work():
        claimed = claim(channel, most=BATCH)
        ways = prepare(claimed)
    for delivery in claimed:
        with tenant_scope(scope, origin=origin), unit_of_work():
            is_mine = _claim_again(delivery.id)
        if not is_mine:
            continue
        send = ways.get(delivery.id)
        error = send() if send else None
        with tenant_scope(scope, origin=origin), unit_of_work():
            settle(delivery.id, Outcome(sent=send is not None, error=error))
    return len(claimed) == BATCH


def claim(channel: Channel, *, most: int) -> Sequence[Delivery]:
    """What of this channel is due, for whoever settles each within ``CLAIM``."""
    now = clock.now()
    due = select(Delivery).where(Delivery.channel == channel, Delivery.due_at <= now)
    first = due.order_by(Delivery.due_at, Delivery.id).limit(most).with_for_update(skip_locked=True)
    claimed = db.session.scalars(first).all()
    for delivery in claimed:
        delivery.state, delivery.claimed_by = DeliveryState.SENDING, _me()
        delivery.attempts += 1
        delivery.due_at = now + CLAIM
    return claimed


def _claim_again(delivery_id: UUID) -> bool:
    """Whether it is still ours when its turn comes: behind a slow server a batch takes longer than one claim holds."""
    delivery = db.session.get_one(Delivery, delivery_id, with_for_update=True)
    if delivery.claimed_by != _me() or delivery.state is not DeliveryState.SENDING:
        return False
    delivery.due_at = clock.now() + CLAIM
    return True


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
    elif delivery.attempts >= ATTEMPTS:
        delivery.state, delivery.due_at = DeliveryState.DEAD, None
        log.warning("deliveries.dead", channel=delivery.channel.value, error=outcome.error)
    else:
        delivery.state, delivery.due_at = DeliveryState.PENDING, clock.now() + _pause(delivery.attempts)
    return delivery


def _pause(attempts: int) -> timedelta:
    """Four times as long each time, not all at once."""
    return timedelta(seconds=min(_LONGEST_PAUSE, 5 * 4 ** (attempts - 1)) * random.uniform(0.8, 1.2))


def next_attempt(channel: Channel) -> datetime | None:
    query = select(Delivery.due_at).where(Delivery.channel == channel, Delivery.due_at.is_not(None))
    return db.session.scalar(query.order_by(Delivery.due_at).limit(1))


def appointment(tenant_id: UUID) -> datetime | None:
    """When this tenant is to be looked at again. Who has turns of a kind of their own is told of what is due there."""
    own = [next_attempt(channel) for channel in _channels]
    now = clock.now()
    for channel, (kind, is_lagging) in _apart.items():
        due_at = next_attempt(channel)
        if due_at is not None and due_at <= now:
            after_commit(partial(_hint, kind, tenant_id, lane=Lane.BULK if is_lagging() else Lane.TURNS))
            # The hint may be lost.
            due_at = now + PATIENCE
        own.append(due_at)
    return min(filter(None, own), default=None)


def _hint(kind: Kind, tenant_id: UUID, *, lane: Lane) -> None:
    turns.hint(kind, [tenant_id], lane=lane)
