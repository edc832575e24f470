from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import PlatformModel


class TenantFigures(PlatformModel):
    """How a tenant was when it was looked at last. A page about all tenants reads these and visits none of them."""

    __tablename__ = "tenant_figures"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("platform.tenants.id"), unique=True)
    taken_at: Mapped[datetime]
    active_at: Mapped[datetime | None]
    """The last change."""

    waiting_since: Mapped[datetime | None]
    """Of the oldest change that nobody has forwarded."""

    users: Mapped[int | None] = mapped_column(BigInteger)
    records: Mapped[int | None] = mapped_column(BigInteger)
    storage: Mapped[int | None] = mapped_column(BigInteger)
    transferred: Mapped[int] = mapped_column(BigInteger)
    """Bytes in this month of the tenant."""

    jobs_pending: Mapped[int]
    jobs_failed: Mapped[int]
    """Of the last week, as the deliveries that were given up."""

    deliveries_dead: Mapped[int]
    trouble: Mapped[int]
    """app/operators/trouble.py"""
