"""Operators: we who run the platform. They log in apart from everybody else, and what they do is written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Row, Select, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tenants import identities
from tenants.db import PlatformModel, new_id, platform_reading, platform_work
from tenants.errors import Conflict, NotFound
from tenants.models import Tenant, stored

PAGE = 50


class OperatorExists(Conflict):
    """There is an operator with this address already."""

    code = "operator_exists"


class OperatorUnknown(NotFound):
    """There is no operator with this address."""

    code = "operator_unknown"


class Operator(PlatformModel):
    __tablename__ = "operators"

    email: Mapped[str] = mapped_column(unique=True)
    """In lower case."""

    name: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


class OperatorSession(PlatformModel):
    """One browser in which an operator is logged in."""

    __tablename__ = "operator_sessions"
    __table_args__ = (Index(None, "operator_id"),)

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of what the cookie holds."""

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("platform.operators.id"))
    expires_at: Mapped[datetime]


class Act(StrEnum):
    """What an operator did."""

    CREATED_OPERATOR = "created_operator"
    CHANGED_PASSWORD = "changed_password"
    DEACTIVATED_OPERATOR = "deactivated_operator"
    REACTIVATED_OPERATOR = "reactivated_operator"
    REMOVED_SECOND_FACTOR = "removed_second_factor"
    """Of a person or an operator who has lost what they had."""

    LOGGED_IN = "logged_in"
    LOOKED = "looked"
    """At one tenant."""

    RETRIED = "retried"
    """Something that was given up."""

    DISCARDED = "discarded"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"
    ERASED = "erased"
    RESTORED = "restored"


class Done(PlatformModel):
    """Something that an operator did. The platform's login can add to the table and read it, nothing else."""

    __tablename__ = "operator_audit"
    __table_args__ = (Index(None, "tenant_id", "id"),)

    operator_id: Mapped[UUID | None]
    """None: by the command line."""

    who: Mapped[str]
    act: Mapped[Act] = mapped_column(stored(Act))
    tenant_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    """From where, as the network has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """By whose hand something is done, and from where."""

    operator_id: UUID | None = None
    who: str = "Kontor"
    address: str = ""


def create(*, email: str, name: str, password: str, by: Hand) -> Operator:
    """Raises MalformedEmail, WeakPassword, OperatorExists."""
    address = identities.normal_email(email)
    made = Operator(
        id=new_id(), email=address, name=name, password_hash=identities.hash_password(password, known=[name, address])
    )
    with platform_work() as session:
        if session.scalar(select(Operator.id).where(Operator.email == address)) is not None:
            raise OperatorExists
        session.add(made)
        note(session, Act.CREATED_OPERATOR, by=by, reason=address)
    return made


def set_password(*, email: str, password: str, by: Hand) -> Operator:
    """And log them out everywhere: whoever knew the old one may be in.

    Raises OperatorUnknown, WeakPassword.
    """
    with _decided(email) as (session, found):
        found.password_hash = identities.hash_password(password, known=[found.name, found.email])
        note(session, Act.CHANGED_PASSWORD, by=by, reason=found.email)
    return found


def deactivate(*, email: str, by: Hand) -> Operator:
    """From the next request on they are out. Done twice it is done once.

    Raises OperatorUnknown.
    """
    with _decided(email) as (session, found):
        if found.active:
            found.active = False
            note(session, Act.DEACTIVATED_OPERATOR, by=by, reason=found.email)
    return found


def reactivate(*, email: str, by: Hand) -> Operator:
    """With the password that they had. Done twice it is done once.

    Raises OperatorUnknown.
    """
    with _decided(email) as (session, found):
        if not found.active:
            found.active = True
            note(session, Act.REACTIVATED_OPERATOR, by=by, reason=found.email)
    return found


@contextmanager
def _decided(email: str) -> Iterator[tuple[Session, Operator]]:
    with platform_work() as session:
        query = select(Operator).where(Operator.email == email.strip().lower()).with_for_update()
        found = session.scalar(query)
        if found is None:
            raise OperatorUnknown
        yield session, found
        session.execute(delete(OperatorSession).where(OperatorSession.operator_id == found.id))


def find(operator_id: UUID) -> Operator:
    with platform_reading() as session:
        return session.get_one(Operator, operator_id)


def everybody() -> Sequence[Operator]:
    """Whoever may or once might come into the console, by address."""
    with platform_reading() as session:
        return session.scalars(select(Operator).order_by(Operator.email)).all()


def note(session: Session, act: Act, *, by: Hand, tenant_id: UUID | None = None, reason: str = "") -> None:
    """Write down what is done, with the transaction that does it."""
    session.add(
        Done(operator_id=by.operator_id, who=by.who, address=by.address, act=act, tenant_id=tenant_id, reason=reason)
    )


def look(tenant_id: UUID, *, by: Hand) -> None:
    """Write down that somebody looks at this tenant, before they do."""
    with platform_work() as session:
        note(session, Act.LOOKED, by=by, tenant_id=tenant_id)


def write_down(act: Act, tenant_id: UUID | None, *, by: Hand, reason: str = "") -> None:
    """That this is done, to a tenant or to what is nobody's, before it is."""
    with platform_work() as session:
        note(session, act, by=by, tenant_id=tenant_id, reason=reason)


_DONE: Select[*tuple[Any, ...]] = (
    select(
        Done.id,
        Done.created_at,
        Done.who,
        Done.act,
        Done.reason,
        Done.address,
        Done.tenant_id,
        Tenant.name.label("tenant"),
    )
    .outerjoin(Tenant, Tenant.id == Done.tenant_id)
    .order_by(Done.id.desc())
    .limit(PAGE + 1)
)


def done(*, tenant_id: UUID | None = None, before: UUID | None = None) -> tuple[Sequence[Row[Any]], UUID | None]:
    """(what operators did, the last first, with the name of the tenant; behind which there is more)"""
    query = _DONE
    if tenant_id is not None:
        query = query.where(Done.tenant_id == tenant_id)
    if before is not None:
        query = query.where(Done.id < before)
    with platform_reading() as session:
        found = session.execute(query).all()
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None
