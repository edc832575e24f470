"""Tokens with which programs work as one user of one tenant, with no more rights than the user gave them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, delete, or_, select, update

from tenants import clock
from tenants.context import Scope, current_scope
from tenants.db import platform_reading, platform_row, platform_work
from tenants.errors import Conflict, NotFound
from tenants.identities import digest
from tenants.models import SCOPE_COLUMNS, ApiToken, Identity, Membership, Role, Tenant, scope_of

EVERYTHING = "*"
"""In the place of scopes: whatever the user may do, now and later."""

MOST = 100
"""Tokens of one user."""

_MARK = "kontor"
_NOTED_EVERY = timedelta(minutes=1)


class TooManyTokens(Conflict):
    """There are as many tokens as one person can have. Please revoke one that is no longer used."""

    code = "too_many_tokens"


class UserUnknown(NotFound):
    """Nobody with this address is an active user of this account."""

    code = "user_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants of a new token."""

    name: str
    scopes: Sequence[str]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who knocks with a token: its columns, the user's and the tenant's."""

    row: Row[Any]

    @property
    def token_id(self) -> UUID:
        return self.row.token_id  # type: ignore[no-any-return]

    @property
    def user_id(self) -> UUID:
        return self.row.user_id  # type: ignore[no-any-return]

    @property
    def role(self) -> Role:
        return self.row.role  # type: ignore[no-any-return]

    @property
    def person(self) -> str:
        return self.row.person  # type: ignore[no-any-return]

    @property
    def locale(self) -> str:
        return self.row.locale  # type: ignore[no-any-return]

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.row.scopes)

    def scope(self) -> Scope:
        """Raises TenantSuspended."""
        return scope_of(self.row)


_BEARER = (
    select(
        ApiToken.id.label("token_id"),
        ApiToken.secret_hash,
        ApiToken.scopes,
        ApiToken.used_at,
        Membership.user_id.label("user_id"),
        Membership.role,
        Identity.name.label("person"),
        Identity.locale,
        *(getattr(Tenant, column) for column in SCOPE_COLUMNS),
    )
    .join(Membership, (Membership.id == ApiToken.membership_id) & Membership.active)
    .join(Identity, Identity.id == Membership.identity_id)
    .join(Tenant, Tenant.id == Membership.tenant_id)
    .where(
        ApiToken.prefix == bindparam("prefix"),
        Tenant.slug == bindparam("slug"),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
    )
)


def bearer(token: str, *, slug: str) -> Bearer | None:
    """Whose token it is, in one statement; None unless it opens the tenant of that slug now.

    Once a minute it is written down that it was used.
    """
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != _MARK or not prefix.isascii() or not prefix.isalnum():
        return None
    now = clock.now()
    row = platform_row(_BEARER, {"prefix": prefix, "slug": slug, "now": now})
    if row is None or not compare_digest(row.secret_hash, digest(secret)):
        return None
    if row.used_at is None or row.used_at <= now - _NOTED_EVERY:
        _note_use(row.token_id, at=now)
    return Bearer(row)


def _note_use(token_id: UUID, *, at: datetime) -> None:
    older = or_(ApiToken.used_at.is_(None), ApiToken.used_at <= at - _NOTED_EVERY)
    with platform_work() as session:
        session.execute(update(ApiToken).where(ApiToken.id == token_id, older).values(used_at=at))


def make(membership_id: UUID, wish: Wish) -> tuple[ApiToken, str]:
    """(the token, what its owner is shown once)

    Raises TooManyTokens.
    """
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = ApiToken(
        membership_id=membership_id,
        name=wish.name,
        prefix=prefix,
        secret_hash=digest(secret),
        scopes=sorted(set(wish.scopes)),
        expires_at=wish.expires_at,
    )
    with platform_work() as session:
        session.execute(select(Membership.id).where(Membership.id == membership_id).with_for_update())
        own = select(ApiToken.id).where(ApiToken.membership_id == membership_id).limit(MOST)
        if len(session.scalars(own).all()) >= MOST:
            raise TooManyTokens
        session.add(token)
    return token, f"{_MARK}_{prefix}_{secret}"


def member_of(slug: str, email: str) -> tuple[UUID, Role]:
    """(id, role) of the membership of the active user of a tenant with that address.

    Raises UserUnknown.
    """
    query = (
        select(Membership.id, Membership.role)
        .join(Identity, Identity.id == Membership.identity_id)
        .join(Tenant, Tenant.id == Membership.tenant_id)
        .where(Tenant.slug == slug, Identity.email == email.strip().lower(), Membership.active)
    )
    with platform_reading() as session:
        found = session.execute(query).first()
    if found is None:
        raise UserUnknown
    return found.id, found.role


def of_user(user_id: UUID) -> Sequence[Row[ApiToken, UUID, str]]:
    """What one user of the current tenant has: token (ApiToken) and person (whose it is), the newest first."""
    return _listed(Membership.user_id == user_id)


def of_everybody() -> Sequence[Row[ApiToken, UUID, str]]:
    """The same of all users of the current tenant; at most 500."""
    return _listed(Membership.tenant_id == current_scope().tenant_id)


def _listed(wanted: ColumnElement[bool]) -> Sequence[Row[ApiToken, UUID, str]]:
    query = (
        select(ApiToken, Membership.user_id.label("user_id"), Identity.name.label("person"))
        .join(Membership, Membership.id == ApiToken.membership_id)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(wanted, Membership.tenant_id == current_scope().tenant_id)
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
        .limit(500)
    )
    with platform_reading() as session:
        return session.execute(query).all()


def revoke(token_id: UUID, *, of: UUID | None) -> str:
    """From the next request on it opens nothing; answers its name. Without ``of``, whoever's it is in the current
    tenant.

    Raises NotFound.
    """
    theirs = select(Membership.id).where(Membership.tenant_id == current_scope().tenant_id)
    if of is not None:
        theirs = theirs.where(Membership.user_id == of)
    gone = delete(ApiToken).where(ApiToken.id == token_id, ApiToken.membership_id.in_(theirs))
    with platform_work() as session:
        name: str | None = session.scalar(gone.returning(ApiToken.name))
    if name is None:
        raise NotFound
    return name
