from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Versioned
from tenants.models import stored

KEPT_FOR = timedelta(days=7)
"""After this long the file goes: what it says is old by then, and it is personal data."""


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


class ExportState(StrEnum):
    WRITING = "writing"
    READY = "ready"
    STOPPED = "stopped"
    """Whoever asked for it may no longer have it."""

    REMOVED = "removed"
    """It was kept for as long as files are; who wants it once more asks for a new one."""


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

    @property
    def kept_until(self) -> datetime:
        return self.created_at + KEPT_FOR
