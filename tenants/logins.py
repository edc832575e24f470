"""The log-ins of the last weeks, right and wrong: shown to their person, and in brief to the administrators.

Operators have a list of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Row, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.settings import settings
from tenants import clock
from tenants.context import current_scope
from tenants.db import PlatformModel, platform_reading, platform_work
from tenants.guessing import Caller
from tenants.models import Membership

SHOWN = 10
LATELY = timedelta(days=7)


class Typed:
    """Somebody has typed a password."""

    succeeded: Mapped[bool]
    address: Mapped[str]
    device: Mapped[str]
    """In words; empty where it was not recognised."""


class Login(Typed, PlatformModel):
    """Somebody has typed the password of an identity, at whatever door."""

    __tablename__ = "logins"
    __table_args__ = (Index(None, "identity_id", "created_at"), Index(None, "created_at"))

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("platform.identities.id", ondelete="CASCADE"))


class OperatorLogin(Typed, PlatformModel):
    __tablename__ = "operator_logins"
    __table_args__ = (Index(None, "operator_id", "created_at"), Index(None, "created_at"))

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("platform.operators.id", ondelete="CASCADE"))


Told = Row[datetime, bool, str, str]
"""(created_at, succeeded, address, device)"""


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


def note_of_operator(session: Session, operator_id: UUID, *, by: Caller, succeeded: bool) -> None:
    session.add(OperatorLogin(operator_id=operator_id, succeeded=succeeded, address=by.address, device=by.device))


def note_wrong_of_operator(operator_id: UUID, *, by: Caller) -> None:
    with platform_work() as session:
        note_of_operator(session, operator_id, by=by, succeeded=False)


def of_identity(identity_id: UUID) -> Sequence[Told]:
    """The last ``SHOWN``, the newest first."""
    return _last(Login, Login.identity_id == identity_id)


def of_operator(operator_id: UUID) -> Sequence[Told]:
    """The last ``SHOWN``, the newest first."""
    return _last(OperatorLogin, OperatorLogin.operator_id == operator_id)


def _last(model: type[Login | OperatorLogin], whose: ColumnElement[bool]) -> Sequence[Told]:
    query = select(model.created_at, model.succeeded, model.address, model.device).where(whose)
    with platform_reading() as session:
        return session.execute(query.order_by(model.created_at.desc()).limit(SHOWN)).all()


def summary_of(user_id: UUID) -> Summary:
    """Of a user of the current tenant, wherever they log in."""
    recent = Login.created_at > clock.now() - LATELY
    query = (
        select(
            func.max(Login.created_at).filter(Login.succeeded).label("last_at"),
            func.count().filter(~Login.succeeded & recent).label("wrong"),
        )
        .join(Membership, Membership.identity_id == Login.identity_id)
        .where(Membership.user_id == user_id, Membership.tenant_id == current_scope().tenant_id)
    )
    with platform_reading() as session:
        found = session.execute(query).one()
    return Summary(last_at=found.last_at, wrong=found.wrong)


def forget_old() -> None:
    with platform_work() as session:
        until = clock.now() - timedelta(days=settings().login_history_days)
        for model in (Login, OperatorLogin):
            session.execute(delete(model).where(model.created_at <= until))
