"""Who can log in, by which password, in which browsers. Known once on the platform."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Row, String, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tenants import clock, guessing, hashing, logins, strength
from tenants.context import Scope
from tenants.db import PlatformNotes, platform_reading, platform_row, platform_work
from tenants.errors import Invalid, NotAllowed
from tenants.guessing import NOBODY_KNOWN, Caller, WrongCredentials
from tenants.models import (
    SCOPE_COLUMNS,
    Identity,
    Invitation,
    LoginSession,
    Membership,
    Role,
    Tenant,
    TenantStatus,
    scope_in_suspension_of,
    scope_of,
)
from tenants.pending import EmailChange, PasswordReset

SESSION_LIFE = timedelta(days=30)
INVITATION_SHOWN = timedelta(days=30)


class WeakPassword(Invalid):
    """The password needs at least 10 characters and must not be easy to guess. Better take three or four words that
    have nothing to do with you, your firm or each other.
    """

    code = "weak_password"


class MalformedEmail(Invalid):
    """This is not an e-mail address."""

    code = "malformed_email"


class LinkExpired(NotAllowed):
    """This link has expired or was used already."""

    code = "link_expired"


@dataclass(frozen=True, slots=True)
class Entry:
    """One identity at the door of one tenant: its columns, and those of the tenant where there is one."""

    row: Row[Any]

    @property
    def identity_id(self) -> UUID:
        return self.row.identity_id  # type: ignore[no-any-return]

    @property
    def person(self) -> str:
        return self.row.person  # type: ignore[no-any-return]

    @property
    def locale(self) -> str:
        return self.row.locale  # type: ignore[no-any-return]

    @property
    def theme(self) -> str:
        return self.row.theme  # type: ignore[no-any-return]

    @property
    def time_format(self) -> str:
        return self.row.time_format  # type: ignore[no-any-return]

    @property
    def membership(self) -> tuple[UUID, Role] | None:
        """(id of the user, role) in the tenant; None for whoever is no active user there."""
        return None if self.row.user_id is None else (self.row.user_id, self.row.role)

    @property
    def lacks_second_factor(self) -> bool:
        """Whether the firm demands one of this role, and the browser was let in without."""
        return not self.row.second_factor and self.row.role in (self.row.second_factor_for or ())

    def is_proved(self, *, within: timedelta) -> bool:
        """Whether it was shown so lately that it is they who sit before this browser."""
        return self.row.proved_at is not None and self.row.proved_at > clock.now() - within

    @property
    def is_suspended(self) -> bool:
        return self.row.status is TenantStatus.SUSPENDED

    def scope(self) -> Scope:
        """Raises TenantSuspended."""
        return scope_of(self.row)

    def scope_in_suspension(self) -> Scope:
        return scope_in_suspension_of(self.row)


_ENTRY = (
    select(
        Identity.id.label("identity_id"),
        Identity.name.label("person"),
        Identity.locale,
        Identity.theme,
        Identity.time_format,
        LoginSession.id.label("session_id"),
        LoginSession.used_on,
        LoginSession.proved_at,
        LoginSession.second_factor,
        Tenant.second_factor_for,
        Membership.seen_on,
        Membership.id.label("membership_id"),
        Membership.user_id.label("user_id"),
        Membership.role,
        *(getattr(Tenant, column) for column in SCOPE_COLUMNS),
    )
    .join(LoginSession, LoginSession.identity_id == Identity.id)
    # No slug means no tenant; a bare None would become IS NULL and find the ready schemas.
    .outerjoin(Tenant, Tenant.slug == bindparam("slug", type_=String))
    .outerjoin(
        Membership,
        (Membership.tenant_id == Tenant.id) & (Membership.identity_id == Identity.id) & Membership.active,
    )
    .where(LoginSession.token_hash == bindparam("token_hash"), LoginSession.expires_at > bindparam("now"))
)


# What the library accepts as it stands, save for capitals; a list of 10,000 has hardly anything else.
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9]+(?:[._+-][a-z0-9]+){0,8}@(?:[a-z0-9]+(?:-[a-z0-9]+){0,4}\.){1,4}(?!local$|localhost$|test$|invalid$|arpa$|onion$)[a-z]{2,20}",
    re.IGNORECASE | re.ASCII,
)
_PLAIN_LENGTH = 60


def normal_email(written: str) -> str:
    """Raises MalformedEmail. Whether the address exists is found out by writing to it."""
    if len(written) <= _PLAIN_LENGTH and _PLAIN_EMAIL.fullmatch(written):
        return written.lower()
    try:
        return validate_email(written.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise MalformedEmail from error


def hash_password(password: str, *, known: Sequence[str] = ()) -> str:
    """Raises WeakPassword; ``known`` are texts a guesser would try first, like the person's name."""
    if not strength.is_enough(password, known=known):
        raise WeakPassword
    return hashing.make(password)


def check_password(*, email: str, password: str, by: Caller) -> Identity:
    """Takes as long for an unknown address as for a known one.

    Raises WrongCredentials, TooOften.
    """
    with guessing.attempt(email, by=by):
        identity = _named(email)
        if not hashing.fits(identity.password_hash if identity else None, password) or identity is None:
            if identity is not None:
                logins.note_wrong(identity.id, by=by)
            raise WrongCredentials
    if hashing.is_outdated(identity.password_hash):
        _hash_anew(identity, password)
    return identity


def _named(email: str) -> Identity | None:
    with platform_reading() as session:
        return find_by_email(session, email)


def _hash_anew(identity: Identity, password: str) -> None:
    """Nothing is written where there is another password by now."""
    password_hash = hashing.make(password)
    unchanged = (Identity.id == identity.id) & (Identity.password_hash == identity.password_hash)
    with platform_work() as session:
        session.execute(update(Identity).where(unchanged).values(password_hash=password_hash))


def open_session(identity_id: UUID, *, by: Caller = NOBODY_KNOWN, second_factor: bool = False) -> str:
    """A new login, by more than a password or not; answers the token that the browser keeps."""
    token, now = secrets.token_urlsafe(32), clock.now()
    with platform_work() as session:
        session.add(
            LoginSession(
                token_hash=digest(token),
                identity_id=identity_id,
                expires_at=now + SESSION_LIFE,
                device=by.device,
                used_on=now.date(),
                proved_at=now,
                second_factor=second_factor,
            )
        )
        logins.note(session, identity_id, by=by, succeeded=True)
    return token


def close_session(token: str) -> None:
    with platform_work() as session:
        session.execute(delete(LoginSession).where(LoginSession.token_hash == digest(token)))


def entry(token: str, *, slug: str | None) -> Entry | None:
    """Whose token it is and what they are in the tenant of that slug, in one statement.

    The first time on a day it is written down that they came by.
    """
    now = clock.now()
    row = platform_row(_ENTRY, {"token_hash": digest(token), "slug": slug, "now": now})
    if row is None:
        return None
    if row.used_on != now.date() or (row.user_id is not None and row.seen_on != now.date()):
        _note_visit(row, day=now.date())
    return Entry(row)


def _note_visit(row: Row[Any], *, day: date) -> None:
    with platform_work(PlatformNotes) as session:
        session.execute(update(LoginSession).where(LoginSession.id == row.session_id).values(used_on=day))
        if row.user_id is not None:
            session.execute(update(Membership).where(Membership.id == row.membership_id).values(seen_on=day))


def tenants_of(identity_id: UUID) -> Sequence[Tenant]:
    """The open and suspended tenants in which someone is an active user, at most 100, by name."""
    query = (
        select(Tenant)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Membership.identity_id == identity_id, Membership.active)
        .where(Tenant.status.in_([TenantStatus.OPEN, TenantStatus.SUSPENDED]))
        .order_by(Tenant.name, Tenant.id)
        .limit(100)
    )
    with platform_reading() as session:
        return session.scalars(query).all()


def find_or_add(session: Session, *, email: str, name: str, password_hash: str, locale: str) -> Identity:
    """The identity of an address; an existing one keeps its own password and name."""
    values = {"email": email, "name": name, "password_hash": password_hash, "locale": locale}
    session.execute(insert(Identity).values(**values).on_conflict_do_nothing(index_elements=["email"]))
    return session.scalars(select(Identity).where(Identity.email == email)).one()


def join(session: Session, *, tenant_id: UUID, identity_id: UUID, role: Role) -> Membership:
    """Make someone a user of a tenant; done twice it is done once."""
    found = session.scalar(select(Membership).filter_by(tenant_id=tenant_id, identity_id=identity_id))
    if found is None:
        found = Membership(tenant_id=tenant_id, identity_id=identity_id, role=role)
        session.add(found)
        session.flush()
    return found


def prefer(identity_id: UUID, *, locale: str | None = None, theme: str | None = None) -> None:
    with platform_work() as session:
        identity = session.get_one(Identity, identity_id)
        identity.locale = locale or identity.locale
        identity.theme = theme or identity.theme


def find_by_email(session: Session, email: str) -> Identity | None:
    """Nobody for what cannot be an address."""
    if not email.isprintable():
        return None
    return session.scalar(select(Identity).where(Identity.email == email.strip().lower()))


def forget_expired() -> None:
    """Remove the logins and links that open nothing any more; invitations are shown for a while as expired."""
    now = clock.now()
    with platform_work() as session:
        for kind in (LoginSession, PasswordReset):
            session.execute(delete(kind).where(kind.expires_at <= now))
        session.execute(delete(EmailChange).where(EmailChange.expires_at <= now, EmailChange.applied_at.is_(None)))
        session.execute(delete(Invitation).where(Invitation.expires_at <= now - INVITATION_SHOWN))


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
