"""The people of a firm: memberships with what is known of the person, out of the directory and into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from tenants.db import new_id

_WRITTEN = """
SELECT coalesce(m.copied_from, m.id)::text AS id, m.role, m.active,
  i.email, i.name, i.password_hash, i.locale, i.theme, i.time_format
FROM platform.memberships m JOIN platform.identities i ON i.id = m.identity_id
WHERE m.tenant_id = %s ORDER BY m.id"""

_STAYS = """
UPDATE platform.memberships SET role = %(role)s, active = active AND %(active)s
WHERE tenant_id = %(tenant_id)s AND coalesce(copied_from, id) = %(id)s::uuid"""
_ADD_IDENTITY = """
INSERT INTO platform.identities (id, created_at, email, name, password_hash, locale, theme, time_format)
VALUES (%(id)s, %(now)s, %(email)s, %(name)s, %(password_hash)s, %(locale)s, %(theme)s, %(time_format)s)
ON CONFLICT (email) DO NOTHING"""
_IDENTITY = "SELECT id FROM platform.identities WHERE email = %s"

_ADD_MEMBERSHIP = """
INSERT INTO platform.memberships (id, created_at, tenant_id, identity_id, role, active, copied_from)
VALUES (%(id)s, %(now)s, %(tenant_id)s, %(identity_id)s, %(role)s, %(active)s, %(copied_from)s)"""
_TAKEN = "SELECT 1 FROM platform.memberships WHERE id = %s AND tenant_id <> %s"

_GONE = "DELETE FROM platform.memberships WHERE tenant_id = %s AND coalesce(copied_from, id) <> ALL(%s)"


def written(connection: psycopg.Connection, tenant_id: UUID) -> Sequence[Mapping[str, Any]]:
    """As a backup keeps them."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_WRITTEN, [tenant_id]).fetchall()


def bring(
    connection: psycopg.Connection, people: Sequence[Mapping[str, Any]], *, tenant_id: UUID, now: datetime
) -> None:
    """Whoever was a user is one again, and nobody else. Who is known on the platform already keeps their password and
    settings; who was deactivated since the backup stays it.
    """
    users = [UUID(person["id"]) for person in people]
    connection.execute(_GONE, [tenant_id, users])
    for person in people:
        # Whoever is still a user may be reached elsewhere by now; whoever has the old address is somebody else.
        if connection.execute(_STAYS, {**person, "tenant_id": tenant_id}).rowcount:
            continue
        _add(connection, person, tenant_id=tenant_id, now=now)


def _add(connection: psycopg.Connection, person: Mapping[str, Any], *, tenant_id: UUID, now: datetime) -> None:
    connection.execute(_ADD_IDENTITY, {**person, "id": new_id(), "now": now})
    known = connection.execute(_IDENTITY, [person["email"]]).fetchone()
    is_taken = connection.execute(_TAKEN, [person["id"], tenant_id]).fetchone() is not None
    membership = {
        "id": new_id() if is_taken else person["id"],
        "copied_from": person["id"] if is_taken else None,
        "identity_id": known[0] if known else None,
    }
    connection.execute(_ADD_MEMBERSHIP, {**person, **membership, "tenant_id": tenant_id, "now": now})
