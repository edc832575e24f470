"""How an address answers: after a failure nothing is sent there for a while; after an hour of failures it is off."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from app.notifications import actions as notifications
from app.notifications.actions import Notice
from app.notifications.deliveries import Outcome
from app.notifications.models import Channel, Delivery, DeliveryState, Event
from app.users.models import User
from app.webhooks import queries
from app.webhooks.models import Webhook, WebhookFailure
from tenants.db import db
from tenants.models import Role

SUBJECT = "webhook"
RULE = "webhook-stopped"


def note(webhook_id: UUID, outcome: Outcome, *, at: datetime) -> None:
    failure = queries.failure(webhook_id)
    if outcome.error is None:
        if failure is not None:
            db.session.delete(failure)
        return
    if failure is None:
        failure = WebhookFailure(id=webhook_id, since=at, times=0)
        db.session.add(failure)
    failure.times += 1
    webhook = db.session.get_one(Webhook, webhook_id, with_for_update=True)
    if not webhook.active:
        hold(webhook_id)
    # 410 says that whoever was there wants nothing any more.
    elif failure.lasts(at=at) or outcome.answer == HTTPStatus.GONE:
        _stop(webhook, at=at)
    else:
        _pause(webhook_id, until=at + failure.pause(at=at))


def _pause(webhook_id: UUID, *, until: datetime) -> None:
    waiting = (Delivery.target == str(webhook_id), Delivery.state == DeliveryState.PENDING)
    db.session.execute(update(Delivery).where(*waiting, Delivery.due_at < until).values(due_at=until))


def _stop(webhook: Webhook, *, at: datetime) -> None:
    webhook.stop(at=at)
    hold(webhook.id)
    people = db.session.scalars(
        select(User.id).where(User.active, User.deleted_at.is_(None), User.role.in_([Role.OWNER, Role.ADMIN]))
    )
    notifications.notify([_notice(webhook, user_id, at=at) for user_id in people])


def _notice(webhook: Webhook, user_id: UUID, *, at: datetime) -> Notice:
    return Notice(
        key=f"{webhook.id}:{at.isoformat()}:{user_id}",
        user_id=user_id,
        rule=RULE,
        event=Event.CREATED,
        subject=SUBJECT,
        record_id=webhook.id,
        title=webhook.name,
        at=at,
        channels=(Channel.IN_APP, Channel.MAIL),
    )


def hold(webhook_id: UUID) -> None:
    """What waits is kept, and not sent; so is what a killed worker had at hand."""
    db.session.execute(update(Delivery).where(*_unsettled(webhook_id)).values(due_at=None))


def release(webhook_id: UUID, *, at: datetime) -> None:
    """All that was held back, or waited longer after a failure, is due now; failures are forgotten."""
    held = or_(Delivery.due_at.is_(None), Delivery.state == DeliveryState.PENDING)
    db.session.execute(update(Delivery).where(*_unsettled(webhook_id), held).values(due_at=at))
    failure = queries.failure(webhook_id)
    if failure is not None:
        db.session.delete(failure)


def _unsettled(webhook_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.target == str(webhook_id),
        Delivery.state.in_([DeliveryState.PENDING, DeliveryState.SENDING]),
    )
