"""The log-ins of the last weeks, right and wrong: shown to their person, and in brief to the administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Row, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.settings import settings
from tenants import clock
from tenants.db import PlatformModel, platform_reading, platform_work
from tenants.guessing import Caller
from tenants.models import Membership

SHOWN = 10
LATELY = timedelta(days=7)


class Login(PlatformModel):
    """Somebody has typed the password of an identity, at whatever door."""

    __tablename__ = "logins"
    __table_args__ = (Index(None, "identity_id", "created_at"), Index(None, "created_at"))

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("platform.identities.id", ondelete="CASCADE"))
    succeeded: Mapped[bool]
    address: Mapped[str]
    device: Mapped[str]
    """In words; empty where it was not recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    last_at: datetime | None
    """Of those that succeeded."""

    wrong: int
    """Passwords, within ``LATELY``."""


def note(session: Session, identity_id: UUID, *, by: Caller, succeeded: bool) -> None:
    session.add(Login(identity_id=identity_id, succeeded=succeeded, address=by.address, device=by.device))


def note_wrong(identity_id: UUID, *, by: Caller) -> None:
    with platform_work() as session:
        note(session, identity_id, by=by, succeeded=False)


def of_identity(identity_id: UUID) -> Sequence[Row[datetime, bool, str, str]]:
    """(created_at, succeeded, address, device), the last ``SHOWN``, the newest first."""
    query = (
        select(Login.created_at, Login.succeeded, Login.address, Login.device)
        .where(Login.identity_id == identity_id)
        .order_by(Login.created_at.desc())
        .limit(SHOWN)
    )
    with platform_reading() as session:
        return session.execute(query).all()


def summary_of(user_id: UUID) -> Summary:
    """Of a user of the current tenant, wherever they log in."""
    recent = Login.created_at > clock.now() - LATELY
    query = (
        select(
            func.max(Login.created_at).filter(Login.succeeded).label("last_at"),
            func.count().filter(~Login.succeeded & recent).label("wrong"),
        )
        .join(Membership, Membership.identity_id == Login.identity_id)
        .where(Membership.id == user_id)
    )
    with platform_reading() as session:
        found = session.execute(query).one()
    return Summary(last_at=found.last_at, wrong=found.wrong)


def forget_old() -> None:
    with platform_work() as session:
        until = clock.now() - timedelta(days=settings().login_history_days)
        session.execute(delete(Login).where(Login.created_at <= until))
