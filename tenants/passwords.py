"""Passwords: forgotten and set anew by a link, or changed by whoever knows the present one."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tenants import clock
from tenants.db import platform_reading, platform_work
from tenants.identities import LinkExpired, check_password, digest, hash_password
from tenants.models import Identity, LoginSession, PasswordReset

RESET_LIFE = timedelta(hours=2)


def ask_reset(session: Session, identity: Identity) -> str:
    """A token with which the password can be set anew once, within two hours."""
    token = secrets.token_urlsafe(32)
    expires_at = clock.now() + RESET_LIFE
    session.add(PasswordReset(token_hash=digest(token), identity_id=identity.id, expires_at=expires_at))
    return token


def can_reset(token: str) -> bool:
    """Whether this link still works, without using it up."""
    query = select(PasswordReset.id).where(
        PasswordReset.token_hash == digest(token),
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > clock.now(),
    )
    with platform_reading() as session:
        return session.scalar(query) is not None


def reset_password(token: str, *, password: str) -> None:
    """Set a new password and end every login of this identity.

    Raises LinkExpired, WeakPassword.
    """
    password_hash = hash_password(password)
    with platform_work() as session:
        asked = session.scalar(select(PasswordReset).where(PasswordReset.token_hash == digest(token)).with_for_update())
        if asked is None or asked.used_at is not None or asked.expires_at <= clock.now():
            raise LinkExpired
        asked.used_at = clock.now()
        session.get_one(Identity, asked.identity_id).password_hash = password_hash
        session.execute(delete(LoginSession).where(LoginSession.identity_id == asked.identity_id))


def change(identity: Identity, *, present: str, new: str, keep: str) -> None:
    """Set a new password and end every other login; ``keep`` is the token of the browser in which it is done.

    Raises WrongCredentials, WeakPassword.
    """
    check_password(email=identity.email, password=present)
    password_hash = hash_password(new, known=[*identity.name.split(), *identity.email.split("@")])
    with platform_work() as session:
        session.get_one(Identity, identity.id).password_hash = password_hash
        others = (LoginSession.identity_id == identity.id) & (LoginSession.token_hash != digest(keep))
        session.execute(delete(LoginSession).where(others))
        session.execute(delete(PasswordReset).where(PasswordReset.identity_id == identity.id))
