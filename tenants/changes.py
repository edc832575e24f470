"""The change journal: every insert, update and delete of a tenant's rows, written by the database itself in
the same transaction. Bulk statements, COPY and raw SQL are in it; the tenant's role can read it and
nothing else.

History is shown by (at, ord). ``unrouted`` names the changes that nobody has forwarded yet, one row a
statement.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel

DERIVED = ("version", "updated_at", "display_name", "sort_key", "own_text", "beside_text", "search_text")
"""Columns that follow from others, or from the change itself: never part of a difference. What the database leaves out
stands in migrations/journal.py."""

TRIGGERS = {"record_insert": "INSERT", "record_update": "UPDATE", "record_delete": "DELETE"}


class Change(TenantModel):
    """One recorded insert (I), update (U: only the columns that differ) or delete (D)."""

    __tablename__ = "change"
    __table_args__ = (
        Index(None, "record_id", "at", "ord"),
        {"info": {"unrecorded": "It is the journal itself."}},
    )

    created_at = None  # type: ignore[assignment]
    at: Mapped[datetime]
    ord: Mapped[int]
    """Position within its statement."""

    xid: Mapped[int] = mapped_column(BigInteger)
    table_name: Mapped[str]
    record_id: Mapped[UUID]
    op: Mapped[str]
    old: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    new: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    actor: Mapped[UUID | None]
    request: Mapped[str | None]
    source: Mapped[str | None]
    cause: Mapped[str | None]
    depth: Mapped[int] = mapped_column(server_default=text("0"))


class Unrouted(TenantModel):
    __tablename__ = "unrouted"
    __table_args__ = (Index(None, "at", "id"), {"info": {"unrecorded": "It points to the journal."}})

    created_at = None  # type: ignore[assignment]
    at: Mapped[datetime]
    changes: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
