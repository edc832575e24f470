from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel, Versioned


class StoredRule(Versioned):
    """A rule that somebody of the firm made, or what became of one that everybody starts with."""

    __tablename__ = "rules"

    name: Mapped[str]
    replaces: Mapped[str | None] = mapped_column(unique=True)
    """Which of the rules that everybody starts with (defaults.py)."""

    active: Mapped[bool]
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    problem: Mapped[str | None]
    """Why it was switched off without anybody wanting it."""


class BusinessHours(Versioned):
    """When the firm works; one row, or none where nobody has said it yet."""

    __tablename__ = "business_hours"

    week: Mapped[list[list[list[int]]]] = mapped_column(JSONB)
    """From Monday on, for each day the (first, last) minutes since midnight, the last exclusive."""

    region: Mapped[str]
    """ISO 3166-2, as DE-BY: whose public holidays are kept. A country alone has those of all its regions."""

    exceptions: Mapped[dict[str, list[list[int]]]] = mapped_column(JSONB)
    """By day (ISO 8601), the minutes of that day; none where the firm is closed."""


class SetAside(TenantModel):
    """A change with which a rule could not deal; all others were forwarded."""

    __tablename__ = "set_aside"
    __table_args__ = (
        UniqueConstraint("change_id", "rule"),
        {"info": {"unrecorded": "It tells of changes and is none itself."}},
    )

    change_id: Mapped[UUID]
    rule: Mapped[str]
    """Its key, or whoever else is given changes (setting_aside.py)."""

    error: Mapped[str]


class Deadline(TenantModel):
    """Something is to happen with a record until then, or the next level is told."""

    __tablename__ = "deadlines"
    __table_args__ = (
        UniqueConstraint("rule", "record_id"),
        Index("ix_deadlines_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_deadlines_record_id", "record_id"),
        {
            "info": {
                "unrecorded": "It follows from rules and changes.",
                "in_copy": "UPDATE deadlines SET due_at = NULL",
            }
        },
    )

    rule: Mapped[str]
    subject: Mapped[str]
    record_id: Mapped[UUID]
    began_at: Mapped[datetime]
    level: Mapped[int]
    """The one that is told next, from 1 on."""

    due_at: Mapped[datetime | None]
    """None once all levels were told; what waits then waits in vain."""

    occasion: Mapped[str] = mapped_column(default="", server_default="")
    """What a person did that it came of; levels are told of all that came of it as one. Empty: each by itself."""
