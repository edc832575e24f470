"""What people decide about themselves: name, language, colours, time of day, and the address they log in with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants import clock
from tenants.db import platform_reading, platform_work
from tenants.errors import Conflict, NotAllowed
from tenants.identities import LinkExpired, digest
from tenants.models import Identity
from tenants.pending import EmailChange, PasswordReset

EMAIL_LIFE = timedelta(days=2)


class EmailTaken(Conflict):
    """Another account has this address in the meantime."""

    code = "email_taken"


class OtherAccount(NotAllowed):
    """This link belongs to another account. Please log in with that one and open the link again."""

    code = "other_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    name: str
    locale: str
    theme: str
    time_format: str


def find(identity_id: UUID) -> Identity:
    with platform_reading() as session:
        return session.get_one(Identity, identity_id)


def write(identity_id: UUID, profile: Profile) -> Identity:
    with platform_work() as session:
        identity = session.get_one(Identity, identity_id)
        identity.name, identity.locale = profile.name, profile.locale
        identity.theme, identity.time_format = profile.theme, profile.time_format
    return identity


def ask_email(session: Session, identity_id: UUID, *, email: str) -> tuple[str, str]:
    """(token that proves that mails to this address arrive, token that stops it all); earlier ones are dead."""
    token, stop = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session.execute(delete(EmailChange).where(EmailChange.identity_id == identity_id))
    session.add(
        EmailChange(
            identity_id=identity_id,
            email=email,
            token_hash=digest(token),
            stop_hash=digest(stop),
            expires_at=clock.now() + EMAIL_LIFE,
        )
    )
    return token, stop


def asked_email(token: str, *, by: UUID) -> EmailChange:
    """Which address a link would make somebody's own.

    Raises LinkExpired, OtherAccount.
    """
    with platform_reading() as session:
        return _asked(session, token, by=by)


def take_email(session: Session, token: str, *, by: UUID) -> tuple[Identity, str | None]:
    """From now on they log in with the new address; (identity, the old address, or None when it was done before).

    Links for a new password that were sent to the old address are dead. Raises LinkExpired, OtherAccount, EmailTaken.
    """
    # Whoever sets a new password locks in the same order.
    identity = session.get_one(Identity, by, with_for_update=True)
    asked = _asked(session, token, by=by)
    if asked.applied_at is not None:
        return identity, None
    old, identity.email, asked.applied_at = identity.email, asked.email, clock.now()
    try:
        session.flush()
    except IntegrityError as error:
        raise EmailTaken from error
    session.execute(delete(PasswordReset).where(PasswordReset.identity_id == identity.id))
    return identity, old


def _asked(session: Session, token: str, *, by: UUID) -> EmailChange:
    found = session.scalar(select(EmailChange).where(EmailChange.token_hash == digest(token)))
    if found is None or (found.applied_at is None and found.expires_at <= clock.now()):
        raise LinkExpired
    if found.identity_id != by:
        raise OtherAccount
    return found


def settle_email(token: str) -> None:
    """Every firm knows the new address: the link has done its work."""
    with platform_work() as session:
        session.execute(delete(EmailChange).where(EmailChange.token_hash == digest(token)))


def stoppable_email(stop: str) -> str:
    """Which address somebody has asked for, for the page at the old address.

    Raises LinkExpired once it is no longer waiting.
    """
    with platform_reading() as session:
        email = session.scalar(select(EmailChange.email).where(_waiting(stop)))
    if email is None:
        raise LinkExpired
    return email


def stop_email(stop: str) -> None:
    """The address stays as it is, and the link to the new one is dead.

    Raises LinkExpired once it is no longer waiting.
    """
    with platform_work() as session:
        if session.scalar(delete(EmailChange).where(_waiting(stop)).returning(EmailChange.id)) is None:
            raise LinkExpired


def _waiting(stop: str) -> ColumnElement[bool]:
    return (
        (EmailChange.stop_hash == digest(stop))
        & EmailChange.applied_at.is_(None)
        & (EmailChange.expires_at > clock.now())
    )
