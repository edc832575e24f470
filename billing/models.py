"""What tenants have bought and what they use. Schema ``platform``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, Index, String, Table, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import PlatformModel
from tenants.models import stored


class SubscriptionState(StrEnum):
    TRIAL = "trial"


class Subscription(PlatformModel):
    __tablename__ = "subscriptions"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("platform.tenants.id"), unique=True)
    plan: Mapped[str]
    """Key in the price list."""

    state: Mapped[SubscriptionState] = mapped_column(stored(SubscriptionState))
    trial_ends_at: Mapped[datetime]
    """Exclusive: from this moment on the trial is over."""


class Meter(StrEnum):
    """What is counted. Traffic adds up; of the others there is so much at a time."""

    BYTES_IN = "bytes_in"
    BYTES_OUT = "bytes_out"
    REQUESTS = "requests"
    USERS = "users"
    RECORDS = "records"
    STORAGE = "storage"


LEVELS = (Meter.USERS, Meter.RECORDS, Meter.STORAGE)


usage_counters = Table(
    "usage_counters",
    PlatformModel.metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("hour", DateTime(timezone=True), primary_key=True),
    Column("meter", String(40), primary_key=True),
    Column("source", Uuid, primary_key=True, index=True),
    Column("total", BigInteger, nullable=False),
)
"""The ledger of traffic. A source's total only grows, so whoever writes it down twice has written it down once.

Nothing refers to tenants: traffic of nobody is counted too, and a bill outlives whom it was sent to.
"""

usage_levels = Table(
    "usage_levels",
    PlatformModel.metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("meter", String(40), primary_key=True),
    Column("level", BigInteger, nullable=False),
    Column("counted_at", DateTime(timezone=True), nullable=False),
)
"""The most that there was of something on a day of the tenant."""


class UsageSource(PlatformModel):
    """One process that counts, or counted."""

    __tablename__ = "usage_sources"
    __table_args__ = (Index(None, "ended_at", postgresql_where=text("folded_at IS NULL")),)

    seen_at: Mapped[datetime]
    """All that it had counted by then is in the ledger."""

    ended_at: Mapped[datetime | None]
    """Nothing is counted by it any more."""

    folded_at: Mapped[datetime | None]
    """Its totals are among those of all that ended; whoever finds its file once more finds nothing new."""
