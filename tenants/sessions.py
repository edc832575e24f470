"""The browsers in which an identity is logged in: which they are, and how each is ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update

from tenants import clock
from tenants.db import platform_reading, platform_work
from tenants.errors import NotFound
from tenants.identities import digest
from tenants.models import LoginSession

MOST = 50


def of_identity(identity_id: UUID, *, token: str) -> Sequence[Row[UUID, str, date, bool]]:
    """(id, device, used_on, is_this), this browser first, then the last used; at most ``MOST``."""
    is_this = (LoginSession.token_hash == digest(token)).label("is_this")
    used_on = func.coalesce(LoginSession.used_on, func.date(LoginSession.created_at)).label("used_on")
    query = (
        select(LoginSession.id, LoginSession.device, used_on, is_this)
        .where(LoginSession.identity_id == identity_id, LoginSession.expires_at > clock.now())
        .order_by(is_this.desc(), used_on.desc(), LoginSession.id.desc())
        .limit(MOST)
    )
    with platform_reading() as session:
        return session.execute(query).all()


def end(session_id: UUID, *, identity_id: UUID) -> None:
    """Raises NotFound, also for the session of somebody else."""
    own = (LoginSession.id == session_id) & (LoginSession.identity_id == identity_id)
    with platform_work() as session:
        if session.scalar(delete(LoginSession).where(own).returning(LoginSession.id)) is None:
            raise NotFound


def end_others(identity_id: UUID, *, token: str) -> int:
    """All but the one with this token; answers how many there were."""
    others = (LoginSession.identity_id == identity_id) & (LoginSession.token_hash != digest(token))
    with platform_work() as session:
        return len(session.scalars(delete(LoginSession).where(others).returning(LoginSession.id)).all())


def prove(token: str, *, second_factor: bool) -> None:
    """It was shown just now that it is they who sit before this browser."""
    proved = {"proved_at": clock.now()} | ({"second_factor": True} if second_factor else {})
    with platform_work() as session:
        session.execute(update(LoginSession).where(LoginSession.token_hash == digest(token)).values(**proved))


def end_weak(identity_id: UUID, *, token: str) -> int:
    """All that a password alone has let in, but the one with this token; answers how many there were."""
    weak = (LoginSession.identity_id == identity_id) & ~LoginSession.second_factor
    with platform_work() as session:
        gone = delete(LoginSession).where(weak, LoginSession.token_hash != digest(token)).returning(LoginSession.id)
        return len(session.scalars(gone).all())
