"""What tenants have bought. Schema ``platform``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
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
