"""The second factors of an account: added, shown, asked for, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.orm import Session

from tenants import clock, guessing, sealing
from tenants.db import platform_reading, platform_work
from tenants.errors import Conflict, NotFound
from tenants.guessing import Caller, WrongCredentials
from tenants.second_factors import codes, recovery, steps
from tenants.second_factors.models import Account, Authenticator, AuthenticatorKind, LoginStep

MOST = 20
NAME_LENGTH = 60


class WrongCode(WrongCredentials):
    """This code is not right, or was used already. An app makes a new one every 30 seconds."""

    code = "wrong_code"


class TooManyAuthenticators(Conflict):
    """There are as many as one account can have. Please remove one that is no longer used."""

    code = "too_many_authenticators"


def of(account: Account) -> Sequence[Authenticator]:
    """The oldest first, at most ``MOST``."""
    query = select(Authenticator).where(account.owns(Authenticator)).order_by(Authenticator.id).limit(MOST)
    with platform_reading() as session:
        return session.scalars(query).all()


def has_any(account: Account) -> bool:
    with platform_reading() as session:
        return session.scalar(select(exists().where(account.owns(Authenticator)))) is True


def new_app_secret() -> bytes:
    """Sealed."""
    return sealing.seal(codes.new_secret())


def add_app(step: LoginStep, *, typed: str, name: str, by: Caller) -> Sequence[str]:
    """The app has shown that it has the secret: from now on the account asks for its codes.

    Answers the recovery codes where these are its first. Raises WrongCode, TooOften, StepOver, TooManyAuthenticators.
    """
    account, secret = steps.account_of(step), sealing.unseal(step.secret or b"")
    with guessing.code_attempt(account.key, by=by):
        used = codes.step_of(secret, typed, now=clock.now(), after=0)
        if used is None:
            raise WrongCode
    added = Authenticator(
        **account.columns(), kind=AuthenticatorKind.APP, name=name, secret=sealing.seal(secret), counter=used
    )
    return add(step, added)


def add(step: LoginStep, added: Authenticator) -> Sequence[str]:
    """With the end of the step; answers the recovery codes where these are the account's first.

    Raises StepOver, TooManyAuthenticators.
    """
    account = steps.account_of(step)
    with platform_work() as session:
        steps.end(session, step)
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(account.key))))
        number = session.scalars(select(func.count()).where(account.owns(Authenticator))).one()
        if number >= MOST:
            raise TooManyAuthenticators
        session.add(added)
        return recovery.make(session, account) if number == 0 else ()


def remove(account: Account, authenticator_id: UUID) -> str:
    """Answers what it was called. With the last one the recovery codes go: they stand for nothing any more.

    Raises NotFound, also for that of somebody else.
    """
    own = account.owns(Authenticator)
    with platform_work() as session:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(account.key))))
        gone = delete(Authenticator).where(own, Authenticator.id == authenticator_id).returning(Authenticator.name)
        name = session.scalar(gone)
        if name is None:
            raise NotFound
        if not session.scalar(select(exists().where(own))):
            recovery.forget(session, account)
    return name


def forget_all(session: Session, account: Account) -> int:
    """Somebody has lost what they had, and another has made sure who they are; answers how many there were."""
    recovery.forget(session, account)
    session.execute(delete(LoginStep).where(account.owns(LoginStep)))
    gone = delete(Authenticator).where(account.owns(Authenticator)).returning(Authenticator.id)
    return len(session.scalars(gone).all())


def new_recovery_codes(account: Account) -> Sequence[str]:
    """In the place of all former."""
    with platform_work() as session:
        return recovery.make(session, account)


def check_code(account: Account, typed: str, *, by: Caller) -> str:
    """Whether an app of the account makes this code now, or it is one of its recovery codes; none counts twice.

    Answers by what it was: the app's name, or nothing for a recovery code. Raises WrongCode, TooOften.
    """
    with guessing.code_attempt(account.key, by=by), platform_work() as session:
        if recovery.looks_like(typed) and recovery.use(session, account, typed):
            return ""
        for app in session.scalars(_apps(account)):
            if _takes(session, app, typed):
                return app.name
        raise WrongCode


def _apps(account: Account) -> Select[Authenticator]:
    return select(Authenticator).where(account.owns(Authenticator), Authenticator.kind == AuthenticatorKind.APP)


def _takes(session: Session, app: Authenticator, typed: str) -> bool:
    """Of two requests with the same code the second finds the step taken."""
    secret, now = sealing.unseal(app.secret), clock.now()
    used = codes.step_of(secret, typed, now=now, after=app.counter)
    if used is None:
        return False
    unused = (Authenticator.id == app.id) & (Authenticator.counter < used)
    taken = update(Authenticator).where(unused).values(counter=used, used_at=now, secret=sealing.seal(secret))
    return session.scalar(taken.returning(Authenticator.id)) is not None
