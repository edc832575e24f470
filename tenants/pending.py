"""What waits until somebody opens the link of a mail: a new password, a new address."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import PlatformModel


class PasswordReset(PlatformModel):
    __tablename__ = "password_resets"

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("platform.identities.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class EmailChange(PlatformModel):
    """A new address that its owner has not confirmed yet, or that the firms are still being told."""

    __tablename__ = "email_changes"

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("platform.identities.id", ondelete="CASCADE"), unique=True)
    email: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    stop_hash: Mapped[bytes | None] = mapped_column(unique=True)
    """SHA-256 of what the old address is sent, to stop it."""

    expires_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
