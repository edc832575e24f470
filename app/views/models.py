from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Versioned


class SavedView(Versioned):
    """A way to look at a list, under a name; its owner's alone until it is shared with everybody."""

    __tablename__ = "views"
    __table_args__ = (Index("ix_views_entity", "entity", postgresql_where=text("deleted_at IS NULL")),)

    entity: Mapped[str]
    name: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    shared: Mapped[bool]
    address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The query of the list's address, by name."""


class ListHabit(Versioned):
    """How a user looks at a list unless something else is asked for."""

    __tablename__ = "list_habits"
    __table_args__ = (UniqueConstraint("user_id", "entity"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    entity: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """Empty: as the list has them."""

    view_id: Mapped[UUID | None] = mapped_column(ForeignKey("views.id"))
    """What comes first."""
