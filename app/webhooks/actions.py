from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update

from app.notifications.models import Delivery, DeliveryState
from app.webhooks import health, making, queries, signing
from app.webhooks.models import Webhook, WebhookSecret
from tenants import relay
from tenants.db import db
from tenants.errors import Conflict, Invalid

OVERLAP = timedelta(hours=24)
"""How long the secret before goes on after a change."""


class TooManyWebhooks(Invalid):
    """There are as many webhooks as a firm can have. Please delete one that is no longer used."""

    code = "too_many_webhooks"


class WebhookOff(Conflict):
    """This webhook is switched off; please switch it on first."""

    code = "webhook_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to be told, and where."""

    name: str
    address: str
    kinds: Sequence[str]
    events: Sequence[str]


def add(wish: Wish) -> tuple[Webhook, str]:
    """(the webhook, the secret that is shown once)

    Raises TooManyWebhooks.
    """
    if queries.count() >= queries.MOST:
        raise TooManyWebhooks
    webhook = Webhook(name=wish.name, address=wish.address, kinds=list(wish.kinds), events=list(wish.events))
    db.session.add(webhook)
    db.session.flush()
    return webhook, _new_secret(webhook)


def change(webhook: Webhook, wish: Wish, *, at: datetime) -> None:
    """Another address may well take what the one before did not."""
    is_elsewhere = wish.address != webhook.address
    webhook.name, webhook.address = wish.name, wish.address
    webhook.kinds, webhook.events = list(wish.kinds), list(wish.events)
    if is_elsewhere and webhook.active:
        _release(webhook, at=at)


def change_secret(webhook: Webhook, *, at: datetime) -> str:
    """The new one, which is shown once. Until the overlap is over everything is signed with both."""
    own = WebhookSecret.webhook_id == webhook.id
    db.session.execute(delete(WebhookSecret).where(own, WebhookSecret.until.is_not(None)))
    db.session.execute(update(WebhookSecret).where(own).values(until=at + OVERLAP))
    return _new_secret(webhook)


def _new_secret(webhook: Webhook) -> str:
    secret = secrets.token_bytes(signing.BYTES)
    db.session.add(WebhookSecret(webhook_id=webhook.id, secret=secret))
    return signing.shown(secret)


def switch_off(webhook: Webhook) -> None:
    webhook.switch_off()
    health.hold(webhook.id)


def switch_on(webhook: Webhook, *, at: datetime) -> None:
    """What had waited when it was switched off is sent now."""
    webhook.switch_on()
    _release(webhook, at=at)


def _release(webhook: Webhook, *, at: datetime) -> None:
    health.release(webhook.id, at=at)
    relay.mark_due()


def remove(webhook: Webhook, *, at: datetime) -> None:
    """What waits is not sent any more, and nothing can be signed."""
    webhook.deleted_at, webhook.active = at, False
    waiting = (Delivery.target == str(webhook.id)) & (Delivery.state == DeliveryState.PENDING)
    db.session.execute(update(Delivery).where(waiting).values(state=DeliveryState.DROPPED, due_at=None))
    db.session.execute(delete(WebhookSecret).where(WebhookSecret.webhook_id == webhook.id))


def send_test(webhook: Webhook, *, at: datetime) -> None:
    """Raises WebhookOff."""
    _require_on(webhook)
    making.put([making.test_message(webhook.id, at=at)])


def send_again(delivery_id: UUID, *, at: datetime) -> Webhook:
    """The same message under the same id; answers whose it is. What is on its way anyway is only sent sooner.

    Raises NotFound, WebhookOff.
    """
    delivery = queries.delivery(delivery_id)
    webhook = queries.webhook(UUID(delivery.target))
    _require_on(webhook)
    if delivery.state is not DeliveryState.SENDING:
        delivery.retry(at=at)
        relay.mark_due()
    return webhook


def _require_on(webhook: Webhook) -> None:
    if not webhook.active:
        raise WebhookOff
