from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import PlatformModel
from tenants.models import stored


class AuthenticatorKind(StrEnum):
    APP = "app"
    """Makes a code of six digits every thirty seconds (TOTP, RFC 6238)."""

    PASSKEY = "passkey"
    """Signs with a key that never leaves the device (WebAuthn, level 3)."""


class StepPurpose(StrEnum):
    """What a browser has begun and not ended."""

    LOG_IN = "log_in"
    """The password was right; the second factor is not there yet."""

    ADD = "add"
    """An authenticator is being added."""

    PROVE = "prove"
    """Somebody who is logged in shows that it is still they."""


class _Owned:
    """Either a person's or an operator's, never both."""

    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform.identities.id", ondelete="CASCADE"))
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform.operators.id", ondelete="CASCADE"))


class Authenticator(_Owned, PlatformModel):
    __tablename__ = "authenticators"
    __table_args__ = (Index(None, "identity_id"), Index(None, "operator_id"))

    kind: Mapped[AuthenticatorKind] = mapped_column(stored(AuthenticatorKind))
    name: Mapped[str]
    secret: Mapped[bytes]
    """Of an app: what its codes are made of, sealed. Of a passkey: its public key (COSE)."""

    credential_id: Mapped[bytes | None] = mapped_column(unique=True)
    """By which a device knows its passkey."""

    counter: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Of an app: the step of the last code that was taken, so that none is taken twice. Of a passkey: how often it has
    signed, as far as the device counts.
    """

    used_at: Mapped[datetime | None]


class RecoveryCode(_Owned, PlatformModel):
    """Opens the account once when no authenticator is at hand."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index(None, "identity_id"), Index(None, "operator_id"))

    code_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256: the code has 80 bits of chance, nobody guesses it from its hash."""

    used_at: Mapped[datetime | None]


class LoginStep(_Owned, PlatformModel):
    """Something between two pages of one browser: it ends with the second, or after a while."""

    __tablename__ = "login_steps"
    __table_args__ = (Index(None, "identity_id"), Index(None, "operator_id"))

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of what the browser keeps."""

    purpose: Mapped[StepPurpose] = mapped_column(stored(StepPurpose))
    secret: Mapped[bytes | None]
    """Of an app that is being added: what its codes are made of, sealed. Of a passkey: what it is to sign."""

    expires_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose second factors: a person's or an operator's."""

    identity_id: UUID | None = None
    operator_id: UUID | None = None

    @property
    def key(self) -> str:
        """Names the account in counters."""
        return f"identity {self.identity_id}" if self.identity_id else f"operator {self.operator_id}"

    def owns(self, model: type[Authenticator | RecoveryCode | LoginStep]) -> ColumnElement[bool]:
        if self.identity_id is not None:
            return model.identity_id == self.identity_id
        return model.operator_id == self.operator_id

    def columns(self) -> dict[str, Any]:
        return {"identity_id": self.identity_id, "operator_id": self.operator_id}
