"""What a browser has begun: the token of it lies in its cookie, everything else here."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tenants import clock
from tenants.db import platform_reading, platform_work
from tenants.errors import NotAllowed
from tenants.identities import digest
from tenants.second_factors.models import Account, LoginStep, StepPurpose

LIFE = timedelta(minutes=15)


class StepOver(NotAllowed):
    """That took too long. Please begin again."""

    code = "step_over"


def begin(account: Account, purpose: StepPurpose, *, secret: bytes | None = None) -> str:
    """Answers the token that the browser keeps."""
    token = secrets.token_urlsafe(32)
    step = LoginStep(
        **account.columns(),
        token_hash=digest(token),
        purpose=purpose,
        secret=secret,
        expires_at=clock.now() + LIFE,
    )
    with platform_work() as session:
        session.add(step)
    return token


def find(token: str | None, purpose: StepPurpose) -> LoginStep:
    """Raises StepOver."""
    query = select(LoginStep).where(
        LoginStep.token_hash == digest(token or ""),
        LoginStep.purpose == purpose,
        LoginStep.expires_at > clock.now(),
    )
    with platform_reading() as session:
        found = session.scalar(query)
    if found is None:
        raise StepOver
    return found


def keep_secret(step: LoginStep, secret: bytes) -> None:
    """In the place of the last one, which nobody can answer any more."""
    with platform_work() as session:
        session.execute(update(LoginStep).where(LoginStep.id == step.id).values(secret=secret))


def end(session: Session, step: LoginStep) -> None:
    """Once: of two requests that would end the same step the second is too late.

    Raises StepOver.
    """
    ended = delete(LoginStep).where(LoginStep.id == step.id).returning(LoginStep.id)
    if session.scalar(ended) is None:
        raise StepOver


def account_of(step: LoginStep) -> Account:
    return Account(identity_id=step.identity_id, operator_id=step.operator_id)


def forget_expired() -> None:
    with platform_work() as session:
        session.execute(delete(LoginStep).where(LoginStep.expires_at <= clock.now()))
