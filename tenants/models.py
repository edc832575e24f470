"""What the platform knows: tenants, the people who log in, and what is on its way to them. Schema
``platform``.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Enum, ForeignKey, Index, Row, String, UniqueConstraint, func, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from tenants.attempts import Attempted, Policy
from tenants.context import Scope
from tenants.db import PlatformModel
from tenants.errors import NotAllowed, NotFound


def stored(kind: type[StrEnum]) -> Enum:
    """A state kept as its plain text, checked in Python, so that adding one needs no migration."""
    return Enum(kind, native_enum=False, create_constraint=False, length=40, values_callable=_values)


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


class TenantStatus(StrEnum):
    STOCK = "stock"
    """Ready, migrated like all others, waiting for a sign-up."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class TenantSuspended(NotAllowed):
    """This account is suspended."""

    code = "tenant_suspended"


class TenantClosed(NotFound):
    """This account was closed."""

    code = "tenant_closed"


class Tenant(PlatformModel):
    """The directory: every session of a tenant is obtained through its row."""

    __tablename__ = "tenants"
    __table_args__ = (
        Index("ix_tenants_stock", "created_at", postgresql_where=text("status = 'stock'")),
        Index("ix_tenants_due", "next_due_at", postgresql_where=text("next_due_at IS NOT NULL")),
    )

    slug: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    pg_schema: Mapped[str] = mapped_column(unique=True)
    cell: Mapped[str]
    status: Mapped[TenantStatus] = mapped_column(stored(TenantStatus))
    timezone: Mapped[str] = mapped_column(default="Europe/Berlin")
    locale: Mapped[str] = mapped_column(default="de")
    country: Mapped[str] = mapped_column(default="DE")
    """ISO 3166-1 alpha-2: of phone numbers and addresses that name none."""

    revision: Mapped[str]
    """The migration its schema stands at."""

    migration_step: Mapped[int | None]
    """How many steps of the next revision are done whose transaction is saved (tenants/migrating.py)."""

    migration_error: Mapped[str | None]
    canary: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Migrated before all others, which wait until it has gone well."""

    opened_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]
    """When the next of its deadlines and deliveries is due (tenants/relay.py)."""

    suspended_at: Mapped[datetime | None]
    suspended_for: Mapped[str | None]
    """Why, as its people read it."""

    closed_at: Mapped[datetime | None]
    """When its people left, or when a backup of it began to be brought in that has not arrived yet."""

    erased_at: Mapped[datetime | None]
    backed_up_at: Mapped[datetime | None]
    logo_id: Mapped[UUID | None]  # Of a file in its own schema.
    second_factor_for: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")
    """The roles that need one here."""

    def scope(self) -> Scope:
        """Raises TenantSuspended, TenantClosed."""
        return scope_of(self)

    def scope_in_suspension(self) -> Scope:
        """The same, also while it is suspended: for what changes nothing there. Raises TenantClosed."""
        return scope_in_suspension_of(self)


SCOPE_COLUMNS = ("id", "slug", "name", "pg_schema", "cell", "status", "timezone", "country", "logo_id", "revision")
"""What ``scope_of`` needs of the directory, and whether the program fits the schema."""


def scope_of(tenant: Tenant | Row[Any]) -> Scope:
    """Of a row of the directory, or of its columns under their own names.

    Raises TenantSuspended, TenantClosed.
    """
    if tenant.status is TenantStatus.SUSPENDED:
        raise TenantSuspended
    return scope_in_suspension_of(tenant)


def scope_in_suspension_of(tenant: Tenant | Row[Any]) -> Scope:
    """Raises TenantClosed unless people work, or worked until it was suspended, in the tenant."""
    if tenant.status not in {TenantStatus.OPEN, TenantStatus.SUSPENDED} or tenant.slug is None:
        raise TenantClosed
    return Scope(
        tenant_id=tenant.id,
        slug=tenant.slug,
        name=tenant.name,
        pg_schema=tenant.pg_schema,
        cell=tenant.cell,
        timezone=tenant.timezone,
        country=tenant.country,
        logo_id=tenant.logo_id,
    )


class Role(StrEnum):
    """From the strongest on."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    READER = "reader"


class Identity(PlatformModel):
    """Someone who can log in, known once on the platform."""

    __tablename__ = "identities"

    email: Mapped[str] = mapped_column(unique=True)
    """In lower case: people do not remember how they wrote it."""

    name: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str] = mapped_column(default="de")
    theme: Mapped[str] = mapped_column(default="auto")
    time_format: Mapped[str] = mapped_column(default="auto", server_default="auto")
    """24, 12, or as the language has it."""


class Membership(PlatformModel):
    """An identity is a user of a tenant. The tenant's own ``users`` row has the id ``user_id``."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("tenant_id", "identity_id"), Index(None, "identity_id"))

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("platform.tenants.id"))
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("platform.identities.id"))
    role: Mapped[Role] = mapped_column(stored(Role))
    active: Mapped[bool] = mapped_column(default=True)
    seen_on: Mapped[date | None]
    """The last day (UTC) on which this user came by."""

    copied_from: Mapped[UUID | None]
    """In a copy of a firm that lives on (tenants/backup): the membership there, whose id the copied rows name."""

    @hybrid_property
    def user_id(self) -> UUID:
        return self.copied_from or self.id

    @user_id.inplace.expression
    @classmethod
    def _user_id(cls) -> ColumnElement[UUID]:
        return func.coalesce(cls.copied_from, cls.id)


class Invitation(PlatformModel):
    """Somebody may become a user. Accepted, it leads to the firm for as long as its link lives."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("tenant_id", "email"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("platform.tenants.id"))
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(stored(Role))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    membership_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform.memberships.id", ondelete="SET NULL"))
    """Known from the first step of accepting on; from then on the link does not expire before the last."""

    accepted_at: Mapped[datetime | None]


class LoginSession(PlatformModel):
    """One browser in which an identity is logged in."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "identity_id"),)

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of what the cookie holds, so that a copy of this table opens no door."""

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("platform.identities.id"))
    expires_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(default="", server_default="")
    """Browser and system in words, as far as they were recognised."""

    used_on: Mapped[date | None]
    """The last day (UTC) on which it was used."""

    proved_at: Mapped[datetime | None]
    """When it was last shown to be they: by the log-in, or asked again before something dangerous."""

    second_factor: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether it was shown by more than a password."""


class ApiToken(PlatformModel):
    """With it a program works as one user of one tenant."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "membership_id"),)

    membership_id: Mapped[UUID] = mapped_column(ForeignKey("platform.memberships.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    """The part by which it is found and recognised; the secret follows."""

    secret_hash: Mapped[bytes]
    """SHA-256: a secret of 256 random bits needs no slow hash."""

    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    """Permissions that it has if its user has them; ``*`` for all."""

    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    """The last use, to the minute."""


class MailState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    KEPT = "kept"
    """Embedded mode: it is read in the mailbox page and leaves for nowhere."""

    FAILED = "failed"


class Mail(Attempted, PlatformModel):
    """One that the platform sends: a link, an invitation. Once it is sent, its text is gone: links are secrets."""

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_due", "due_at", postgresql_where=text("state IN ('pending', 'sending')")),
        Index("ix_mails_about", "about", postgresql_where=text("about <> ''")),
        Index("ix_mails_failed", "created_at", postgresql_where=text("state = 'failed'")),
    )
    policy = Policy(
        waiting=MailState.PENDING, claimed=MailState.SENDING, dead=MailState.FAILED, lease=timedelta(seconds=150)
    )

    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    about: Mapped[str] = mapped_column(default="", server_default="")
    """What it takes somewhere: a newer one about the same stands in its place while it waits."""

    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform.tenants.id", ondelete="CASCADE"))
    """Whose administrators see that it failed."""

    state: Mapped[MailState] = mapped_column(stored(MailState), default=MailState.PENDING)
