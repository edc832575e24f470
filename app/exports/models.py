from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Versioned
from tenants.models import stored


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


class ExportState(StrEnum):
    WRITING = "writing"
    READY = "ready"
    STOPPED = "stopped"
    """Whoever asked for it may no longer have it."""


class Export(Versioned):
    """Who took which records out of the house; a small one went straight to the browser and has no file here."""

    __tablename__ = "exports"
    __table_args__ = (Index("ix_exports_latest", "created_at", "id"),)

    entity: Mapped[str]
    format: Mapped[ExportFormat] = mapped_column(stored(ExportFormat))
    locale: Mapped[str]
    """The language of whoever asked: of the headings, and of what separates the cells."""

    wanted: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the list was asked for: words, sort, filters."""

    state: Mapped[ExportState] = mapped_column(stored(ExportState), default=ExportState.WRITING)
    total: Mapped[int]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("files.id"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
