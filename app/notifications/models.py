from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.attempts import Attempted, Policy
from tenants.db import TenantModel
from tenants.models import stored


class Event(StrEnum):
    """What became of a record."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    LATE = "late"
    """Nobody did in time what a rule waits for."""


class Channel(StrEnum):
    IN_APP = "in_app"
    MAIL = "mail"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"
    """Nobody is there any more who might have got it."""

    DEAD = "dead"
    """Given up after many attempts."""


class Notification(TenantModel):
    """Somebody must know this. The row is the message itself: in the app it is told exactly once."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index(None, "user_id", "at", "id"),
        Index("ix_notifications_unread", "user_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notifications_record_id", "record_id"),
        Index("ix_notifications_occasion", "occasion", postgresql_where=text("occasion <> ''")),
        {"info": {"unrecorded": "It tells of changes and is none itself."}},
    )

    key: Mapped[str] = mapped_column(unique=True)
    """Rule, transaction, record and user: whatever runs twice tells nobody twice."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    occasion: Mapped[str] = mapped_column(default="", server_default="")
    """The same for what came of one thing that a person did; empty where each is told by itself."""

    number: Mapped[int] = mapped_column(default=1, server_default="1")
    """Of records that it tells of; the further ones are ``told_records``."""

    led_by: Mapped[str] = mapped_column(default="", server_default="")
    led_by_id: Mapped[UUID | None]
    """What the occasion was, where that has a page of its own: an import."""

    rule: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    """What the firm called its own rule then."""

    event: Mapped[Event] = mapped_column(stored(Event))
    level: Mapped[int] = mapped_column(default=0)
    """How far it has gone up; 0 where nothing is late."""

    subject: Mapped[str]
    """The kind of record, as rules call it; empty where it tells of several kinds."""

    record_id: Mapped[UUID]
    title: Mapped[str]
    """What the record was called then."""

    change_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class ToldRecord(TenantModel):
    """A further record that a notification tells of."""

    __tablename__ = "told_records"
    __table_args__ = (
        UniqueConstraint("notification_id", "record_id"),
        {"info": {"unrecorded": "It tells of changes and is none itself."}},
    )

    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"))
    subject: Mapped[str]
    record_id: Mapped[UUID]


class Delivery(Attempted, TenantModel):
    """A message that leaves the house, on its way until it is settled."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_channel_due_at", "channel", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_deliveries_target_created_at", "target", "created_at", postgresql_where=text("target <> ''")),
        Index(None, "notification_id"),
        {
            "info": {
                "unrecorded": "It tells of changes and is none itself.",
                "in_copy": "UPDATE deliveries SET state = 'dropped', due_at = NULL WHERE due_at IS NOT NULL",
            }
        },
    )
    policy = Policy(
        waiting=DeliveryState.PENDING,
        claimed=DeliveryState.SENDING,
        dead=DeliveryState.DEAD,
        lease=timedelta(seconds=60),
    )

    key: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[Channel] = mapped_column(stored(Channel))
    notification_id: Mapped[UUID | None] = mapped_column(ForeignKey("notifications.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    target: Mapped[str] = mapped_column(default="")
    """Where no user gets it: whereto."""

    payload: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    state: Mapped[DeliveryState] = mapped_column(stored(DeliveryState), default=DeliveryState.PENDING)
    sent_at: Mapped[datetime | None]
    answer: Mapped[int | None]
    """What the receiver answered last, as HTTP counts it."""
