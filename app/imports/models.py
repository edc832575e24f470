from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel, Versioned
from tenants.errors import Conflict
from tenants.models import stored

PATIENCE = timedelta(minutes=10)
"""A chunk takes a second; after this long without one, a running import has stalled."""


class NoLongerOpen(Conflict):
    """This import has already begun, so its columns can no longer be changed."""

    code = "no_longer_open"


class ImportState(StrEnum):
    DRAFT = "draft"
    """The file is here; nobody has said go yet."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class Import(Versioned):
    """One list on its way in: which column is what, and how far it is."""

    __tablename__ = "imports"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"))
    entity: Mapped[str]
    locale: Mapped[str]
    """The language of whoever began it: reasons for refusals are written in it."""

    state: Mapped[ImportState] = mapped_column(stored(ImportState), default=ImportState.DRAFT)
    mapping: Mapped[list[str]] = mapped_column(JSONB)
    """The name of a field for each column, empty where the column stays out."""

    total: Mapped[int]
    """Rows of the file below its heading, empty ones not counted."""

    done: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(BigInteger)
    """Where in the kept file the next row begins, in bytes."""

    finished_at: Mapped[datetime | None]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    def choose(self, mapping: list[str]) -> None:
        """Raises NoLongerOpen."""
        if self.state is not ImportState.DRAFT:
            raise NoLongerOpen
        self.mapping = mapping

    def begin(self) -> None:
        """Raises NoLongerOpen."""
        if self.state is not ImportState.DRAFT:
            raise NoLongerOpen
        self.state = ImportState.RUNNING

    def advance(self, *, position: int, created: int, refused: int, at: datetime) -> None:
        """A chunk is in. A file that ends early ends the import too."""
        rows = created + refused
        self.position = position
        self.done += rows
        self.created += created
        self.refused += refused
        if self.done >= self.total or rows == 0:
            self.state, self.finished_at = ImportState.DONE, at

    def cancel(self, *, at: datetime) -> None:
        """What is in stays in; what has ended stays as it ended."""
        if self.state in (ImportState.DRAFT, ImportState.RUNNING):
            self.state, self.finished_at = ImportState.CANCELLED, at

    def has_stalled(self, *, at: datetime) -> bool:
        return self.state is ImportState.RUNNING and self.updated_at < at - PATIENCE


class ImportRefusal(TenantModel):
    """One row that was not imported, whole, with the reasons."""

    __tablename__ = "import_refusals"
    __table_args__ = (
        Index(None, "import_id", "line"),
        {"info": {"unrecorded": "It is a report about rows that never became records."}},
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"))
    line: Mapped[int]
    """The number of the row as a spreadsheet shows it: the heading is row 1."""

    reasons: Mapped[list[list[str]]] = mapped_column(JSONB)
    """(name of the field or empty, sentence)"""

    cells: Mapped[list[Any]] = mapped_column(JSONB)
