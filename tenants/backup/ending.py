"""The end of a firm: closed, so that nobody works there and all of it can still come back; and erased, for good.

Erased is what the firm owns: its schema, its files, its people where no other firm knows them. What was billed stays,
as the law wants it (§ 147 AO, § 257 HGB: ten years), and so does what operators did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import clock, engines, filestores, migrating, operators, provisioning
from tenants.backup import tables
from tenants.db import new_id, platform_reading, platform_work
from tenants.errors import Conflict
from tenants.isolation import Isolated
from tenants.models import Tenant, TenantStatus
from tenants.operators import Act, Hand
from tenants.registry import TenantNotFound
from tenants.suspension import reason_given

GRACE = timedelta(days=30)
"""For so long a closed firm can be opened again, and taken along."""

_UNFINISHED = timedelta(days=1)
"""A backup that is brought in has arrived by then, or never will."""

_LEFTOVERS = timedelta(days=7)


class NotClosed(Conflict):
    """Only a closed account can be opened again or erased. Close it first: `kontor tenants close`."""

    code = "not_closed"


class StillKept(Conflict):
    """This account was closed less than 30 days ago; its owners may still want it. Say --now to erase it."""

    code = "still_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What was erased, in numbers; nothing of what it was."""

    tables: int
    rows: int
    files: int
    people: int
    strangers: int
    """Of these, whom no other firm knows: they are unknown to the platform now."""

    def __str__(self) -> str:
        return (
            f"{self.tables} tables with {self.rows} rows, {self.files} files, {self.people} people, "
            f"{self.strangers} of them known nowhere else"
        )


def close(tenant_id: UUID, *, reason: str, by: Hand) -> Tenant:
    """From the next request on it is as if there were no such firm. Done twice it is done once.

    Raises TenantNotFound, ReasonMissing.
    """
    said = reason_given(reason)
    with platform_work() as session:
        tenant = _decided(session, tenant_id)
        if tenant.status is not TenantStatus.CLOSED:
            tenant.status, tenant.closed_at = TenantStatus.CLOSED, clock.now()
            operators.note(session, Act.CLOSED, by=by, tenant_id=tenant_id, reason=said)
    return tenant


def reopen(tenant_id: UUID, *, reason: str, by: Hand) -> Tenant:
    """Everything goes on where it stood, at the newest revision: closed firms are not migrated.

    Raises TenantNotFound, NotClosed, ReasonMissing, psycopg.Error.
    """
    said = reason_given(reason)
    with platform_work() as session:
        tenant = _decided(session, tenant_id)
        if tenant.status is not TenantStatus.CLOSED:
            raise NotClosed
        tenant.status, tenant.closed_at = TenantStatus.OPEN, None
        tenant.suspended_at = tenant.suspended_for = None
        operators.note(session, Act.REOPENED, by=by, tenant_id=tenant_id, reason=said)
    migrating.catch_up(tenant)
    return tenant


def _decided(session: Session, tenant_id: UUID) -> Tenant:
    tenant = session.get(Tenant, tenant_id, with_for_update=True)
    if tenant is None or tenant.slug is None or tenant.status is TenantStatus.STOCK:
        raise TenantNotFound
    return tenant


def erase(tenant_id: UUID, *, at_once: bool, by: Hand) -> Protocol:
    """For good: whatever is to be kept of it is in a backup. One transaction; the bytes of its files go after it, or
    with the next sweep.

    Raises TenantNotFound, NotClosed, StillKept, psycopg.Error, FilesSilent.
    """
    now, files = clock.now(), sum(1 for _ in filestores.store().listed(str(tenant_id)))
    with engines.provisioner() as connection, connection.transaction():
        pg_schema = _may_go(connection, tenant_id, at_once=at_once, now=now)
        found, rows = _size(connection, pg_schema)
        people, strangers = _forget_people(connection, tenant_id)
        connection.execute(_removal(connection, pg_schema).encode())
        _forget(connection, tenant_id, now=now)
        protocol = Protocol(tables=found, rows=rows, files=files, people=people, strangers=strangers)
        connection.execute(_NOTE, _noted(tenant_id, protocol, by=by, now=now))
    _remove_files(tenant_id)
    return protocol


_DECIDED = "SELECT pg_schema, status, closed_at FROM platform.tenants WHERE id = %s AND erased_at IS NULL FOR UPDATE"


def _may_go(connection: psycopg.Connection, tenant_id: UUID, *, at_once: bool, now: datetime) -> str:
    row = connection.execute(_DECIDED, [tenant_id]).fetchone()
    if row is None:
        raise TenantNotFound
    pg_schema, status, closed_at = row
    if status != TenantStatus.CLOSED:
        raise NotClosed
    if not at_once and (closed_at is None or closed_at > now - GRACE):
        raise StillKept
    return str(pg_schema)


def _size(connection: psycopg.Connection, pg_schema: str) -> tuple[int, int]:
    """(tables, rows)"""
    names = list(tables.columns(connection, pg_schema))
    rows = 0
    for name in names:
        counted = connection.execute(f'SELECT count(*) FROM {pg_schema}."{name}"'.encode()).fetchone()
        rows += counted[0] if counted else 0
    return len(names), rows


def _removal(connection: psycopg.Connection, pg_schema: str) -> str:
    """A backup that never arrived has a name and no schema."""
    has_role = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [pg_schema]).fetchone()
    return provisioning.removal_text(pg_schema) if has_role else "SELECT 1"


_PEOPLE = "DELETE FROM platform.memberships WHERE tenant_id = %s RETURNING identity_id"
_STRANGERS = """
SELECT id FROM platform.identities i
WHERE id = ANY(%s) AND NOT EXISTS (SELECT 1 FROM platform.memberships WHERE identity_id = i.id)"""
OF_IDENTITIES = ("sessions", "password_resets")
"""Tables whose rows go with a person and that do not follow by themselves."""


def _forget_people(connection: psycopg.Connection, tenant_id: UUID) -> tuple[int, int]:
    """(how many, how many of them were known nowhere else)"""
    connection.execute("DELETE FROM platform.invitations WHERE tenant_id = %s", [tenant_id])
    people = [row[0] for row in connection.execute(_PEOPLE, [tenant_id]).fetchall()]
    strangers = [row[0] for row in connection.execute(_STRANGERS, [people]).fetchall()]
    for table in OF_IDENTITIES:
        connection.execute(f"DELETE FROM platform.{table} WHERE identity_id = ANY(%s)".encode(), [strangers])
    connection.execute("DELETE FROM platform.identities WHERE id = ANY(%s)", [strangers])
    return len(people), len(strangers)


OF_TENANTS = ("signups", "mails", "tenant_figures", "request_errors")
"""Tables whose rows go with a firm. What was used and billed is not among them."""

_ERASED = """
UPDATE platform.tenants SET slug = NULL, name = '', erased_at = %(now)s, suspended_for = NULL, next_due_at = NULL,
  migration_error = NULL
WHERE id = %(id)s"""
_NOTE = """
INSERT INTO platform.operator_audit (id, created_at, operator_id, who, act, tenant_id, reason, address)
VALUES (%(id)s, %(now)s, %(operator_id)s, %(who)s, %(act)s, %(tenant_id)s, %(reason)s, %(address)s)"""


def _forget(connection: psycopg.Connection, tenant_id: UUID, *, now: datetime) -> None:
    for table in OF_TENANTS:
        connection.execute(f"DELETE FROM platform.{table} WHERE tenant_id = %s".encode(), [tenant_id])
    connection.execute(_ERASED, {"id": tenant_id, "now": now})


def _noted(tenant_id: UUID, protocol: Protocol, *, by: Hand, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "now": now,
        "operator_id": by.operator_id,
        "who": by.who,
        "act": Act.ERASED.value,
        "tenant_id": tenant_id,
        "reason": str(protocol),
        "address": by.address,
    }


def _remove_files(tenant_id: UUID) -> None:
    store = filestores.store()
    for one in list(store.listed(str(tenant_id))):
        store.remove(f"{tenant_id}/{one.name}")


def sweep() -> int:
    """Erase what was closed long ago and backups that never arrived, and remove bytes that an erasure left behind;
    answers how many firms were erased.
    """
    now, erased = clock.now(), 0
    for tenant_id in _due(now):
        with Isolated("erasure", tenant=str(tenant_id)):
            erase(tenant_id, at_once=True, by=Hand())
            erased += 1
    for tenant_id in _lately_erased(now):
        with Isolated("erasure", tenant=str(tenant_id)):
            _remove_files(tenant_id)
    return erased


def _due(now: datetime) -> list[UUID]:
    is_over = (Tenant.closed_at <= now - GRACE) | (Tenant.slug.is_(None) & (Tenant.closed_at <= now - _UNFINISHED))
    query = select(Tenant.id).where(Tenant.status == TenantStatus.CLOSED, Tenant.erased_at.is_(None), is_over)
    with platform_reading() as session:
        return list(session.scalars(query.limit(100)))


def _lately_erased(now: datetime) -> list[UUID]:
    with platform_reading() as session:
        return list(session.scalars(select(Tenant.id).where(Tenant.erased_at > now - _LEFTOVERS).limit(1000)))
