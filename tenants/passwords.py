"""Passwords: forgotten and set anew by a link, or changed by whoever knows the present one.

Whatever else could open the account ends with a new password, and its owner is told: ``_replace`` is the one way.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from tenants import clock, identities, mail
from tenants.db import platform_reading, platform_work
from tenants.identities import LinkExpired, digest, hash_password
from tenants.models import ApiToken, Identity, LoginSession, Membership
from tenants.pending import EmailChange, PasswordReset
from tenants.second_factors.models import LoginStep

RESET_LIFE = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    typed: str
    ends_tokens: bool
    """Whether the tokens of the person's programs end with the old password."""

    letter: tuple[str, str]
    """Subject and body of what its owner is told, with the transaction in which the password becomes another one."""


def ask_reset(session: Session, identity: Identity) -> str:
    """A token with which the password can be set anew once, within two hours."""
    token = secrets.token_urlsafe(32)
    expires_at = clock.now() + RESET_LIFE
    session.add(PasswordReset(token_hash=digest(token), identity_id=identity.id, expires_at=expires_at))
    return token


def behind(token: str) -> Identity:
    """Whose password a link sets anew, without using it up.

    Raises LinkExpired.
    """
    query = (
        select(Identity)
        .join(PasswordReset, PasswordReset.identity_id == Identity.id)
        .where(
            PasswordReset.token_hash == digest(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > clock.now(),
        )
    )
    with platform_reading() as session:
        found = session.scalar(query)
    if found is None:
        raise LinkExpired
    return found


def reset(token: str, new: NewPassword) -> Identity:
    """By the link that was sent; answers whose password it was.

    Raises LinkExpired, WeakPassword.
    """
    identity = behind(token)
    password_hash = hash_password(new.typed, known=_words_of(identity))
    with platform_work() as session:
        ended = _replace(session, identity.id, password_hash, new)
        # Of two links that are pressed at once the second is gone when its turn comes.
        if digest(token) not in ended:
            raise LinkExpired
    return identity


def change(identity: Identity, new: NewPassword) -> None:
    """By somebody who has proved to know the present one. Their own browser is logged out as well.

    Raises WeakPassword.
    """
    password_hash = hash_password(new.typed, known=_words_of(identity))
    with platform_work() as session:
        _replace(session, identity.id, password_hash, new)


def _replace(session: Session, identity_id: UUID, password_hash: str, new: NewPassword) -> Sequence[bytes]:
    """Every login, also one that waits for its second factor, every link to a new password and every address that was
    asked for end with the old password.

    Answers which links to a new password were ended, by their hashes.
    """
    identity = session.get_one(Identity, identity_id, with_for_update=True)
    identity.password_hash = password_hash
    session.execute(delete(LoginSession).where(LoginSession.identity_id == identity_id))
    session.execute(delete(LoginStep).where(LoginStep.identity_id == identity_id))
    session.execute(delete(EmailChange).where(EmailChange.identity_id == identity_id, EmailChange.applied_at.is_(None)))
    if new.ends_tokens:
        session.execute(delete(ApiToken).where(ApiToken.membership_id.in_(_memberships(identity_id))))
    subject, body = new.letter
    mail.post(session, to=identity.email, subject=subject, body=body)
    links = delete(PasswordReset).where(PasswordReset.identity_id == identity_id)
    return session.scalars(links.returning(PasswordReset.token_hash)).all()


def has_tokens(identity_id: UUID) -> bool:
    """Whether programs work for this person, in any firm."""
    with platform_reading() as session:
        query = select(ApiToken.id).where(ApiToken.membership_id.in_(_memberships(identity_id))).limit(1)
        return session.scalar(query) is not None


def _memberships(identity_id: UUID) -> Select[UUID]:
    return select(Membership.id).where(Membership.identity_id == identity_id)


def _words_of(identity: Identity) -> list[str]:
    """What whoever knows this person would guess first."""
    firms = [word for firm in identities.tenants_of(identity.id) for word in (firm.name, firm.slug or "")]
    return [identity.name, identity.email, *firms]
