from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select

from app.core import access
from app.notifications.models import Channel, Delivery
from app.webhooks.models import Webhook, WebhookFailure, WebhookSecret
from tenants.db import db, rows
from tenants.errors import NotFound

MOST = 20
"""Webhooks of one firm."""

LATEST = 50
"""Deliveries that a page shows."""

_ACTIVE = (
    select(Webhook.id, Webhook.kinds, Webhook.events)
    .where(Webhook.active, Webhook.deleted_at.is_(None))
    .order_by(Webhook.id)
    .limit(MOST)
)
_LATEST = (
    Delivery.id,
    Delivery.created_at,
    Delivery.payload["type"].astext.label("type"),
    Delivery.payload["data"]["title"].astext.label("title"),
    Delivery.state,
    Delivery.attempts,
    Delivery.due_at,
    Delivery.error,
    Delivery.answer,
)


def active() -> Sequence[Row[Any]]:
    """(id, kinds, events) of those who are told."""
    return rows(_ACTIVE)


def webhooks() -> Sequence[Webhook]:
    return db.session.scalars(access.visible(Webhook).order_by(Webhook.name, Webhook.id).limit(MOST)).all()


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Webhook).where(Webhook.deleted_at.is_(None))) or 0


def webhook(webhook_id: UUID) -> Webhook:
    """Raises NotFound."""
    found = db.session.scalar(access.visible(Webhook).where(Webhook.id == webhook_id))
    if found is None:
        raise NotFound
    return found


def addresses(ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Where those lead that are switched on."""
    query = select(Webhook.id, Webhook.address).where(Webhook.id.in_(ids), Webhook.active, Webhook.deleted_at.is_(None))
    return {row.id: row.address for row in rows(query)}


def secrets(ids: Collection[UUID], *, at: datetime) -> Mapping[UUID, Sequence[bytes]]:
    """The newest first."""
    query = select(WebhookSecret.webhook_id, WebhookSecret.secret).where(
        WebhookSecret.webhook_id.in_(ids), or_(WebhookSecret.until.is_(None), WebhookSecret.until > at)
    )
    found: dict[UUID, list[bytes]] = {}
    for row in rows(query.order_by(WebhookSecret.id.desc())):
        found.setdefault(row.webhook_id, []).append(row.secret)
    return found


def failure(webhook_id: UUID) -> WebhookFailure | None:
    return db.session.get(WebhookFailure, webhook_id, with_for_update=True)


def failing() -> Mapping[UUID, Row[Any]]:
    """(since, times) of those whose addresses take nothing at present."""
    query = select(WebhookFailure.id, WebhookFailure.since, WebhookFailure.times).limit(MOST)
    return {row.id: row for row in rows(query)}


def is_any_failing() -> bool:
    return bool(failing())


def latest(webhook_id: UUID) -> Sequence[Row[Any]]:
    query = select(*_LATEST).where(Delivery.target == str(webhook_id))
    return rows(query.order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(LATEST))


def delivery(delivery_id: UUID) -> Delivery:
    """Raises NotFound."""
    found = db.session.get(Delivery, delivery_id, with_for_update=True)
    if found is None or found.channel is not Channel.WEBHOOK:
        raise NotFound
    return found
