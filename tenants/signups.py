"""A firm on its way in, until it works."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import PlatformModel
from tenants.models import stored


class SignupStep(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    READY = "ready"


class Signup(PlatformModel):
    """A firm on its way in. Its steps can be resumed: each is known as done by what it left behind."""

    __tablename__ = "signups"

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    firm: Mapped[str]
    slug: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str]
    step: Mapped[SignupStep] = mapped_column(stored(SignupStep), default=SignupStep.ASKED)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform.tenants.id"))
    expires_at: Mapped[datetime]
