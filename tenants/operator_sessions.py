"""The log-ins of operators: the password, and then the session of a browser."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from tenants import clock, guessing, hashing, logins, operators
from tenants.db import platform_reading, platform_row, platform_work
from tenants.guessing import Caller, WrongCredentials
from tenants.identities import digest
from tenants.operators import Act, Hand, Operator, OperatorSession, OperatorUnknown

SESSION_LIFE = timedelta(hours=12)


def check_password(*, email: str, password: str, by: Caller) -> Operator:
    """Takes as long for an unknown address as for a known one.

    Raises WrongCredentials, TooOften.
    """
    with guessing.attempt(email, by=by):
        found = _named(email)
        if not hashing.fits(found.password_hash if found else None, password) or found is None:
            if found is not None:
                logins.note_wrong_of_operator(found.id, by=by)
            raise WrongCredentials
    if hashing.is_outdated(found.password_hash):
        _hash_anew(found, password)
    return found


def open_session(operator_id: UUID, *, by: Caller) -> str:
    """Answers the token that the browser keeps.

    Raises OperatorUnknown for whoever was deactivated meanwhile.
    """
    token = secrets.token_urlsafe(32)
    with platform_work() as session:
        found = session.get(Operator, operator_id)
        if found is None or not found.active:
            raise OperatorUnknown
        session.add(
            OperatorSession(token_hash=digest(token), operator_id=found.id, expires_at=clock.now() + SESSION_LIFE)
        )
        logins.note_of_operator(session, found.id, by=by, succeeded=True)
        operators.note(session, Act.LOGGED_IN, by=Hand(operator_id=found.id, who=found.name, address=by.address))
    return token


def _named(email: str) -> Operator | None:
    """Nobody for what cannot be an address."""
    if not email.isprintable():
        return None
    with platform_reading() as session:
        return session.scalar(select(Operator).where(Operator.email == email.strip().lower(), Operator.active))


def _hash_anew(operator: Operator, password: str) -> None:
    """Nothing is written where there is another password by now."""
    unchanged = (Operator.id == operator.id) & (Operator.password_hash == operator.password_hash)
    new = hashing.make(password)
    with platform_work() as session:
        session.execute(update(Operator).where(unchanged).values(password_hash=new))


_HAND = (
    select(Operator.id, Operator.name)
    .join(OperatorSession, OperatorSession.operator_id == Operator.id)
    .where(
        OperatorSession.token_hash == bindparam("token_hash"),
        OperatorSession.expires_at > bindparam("now"),
        Operator.active,
    )
)


def hand(token: str, *, address: str) -> Hand | None:
    """Whose token it is; None for nobody's."""
    row = platform_row(_HAND, {"token_hash": digest(token), "now": clock.now()})
    return Hand(operator_id=row.id, who=row.name, address=address) if row else None


def log_out(token: str) -> None:
    with platform_work() as session:
        session.execute(delete(OperatorSession).where(OperatorSession.token_hash == digest(token)))


def forget_expired() -> None:
    with platform_work() as session:
        session.execute(delete(OperatorSession).where(OperatorSession.expires_at <= clock.now()))
