from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, Uuid
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


class StillBeingRead(Conflict):
    """This list is still being read. It can be imported as soon as that is done."""

    code = "import_still_being_read"


class NotToBeUndone(Conflict):
    """This import cannot be undone: it is not over yet, or it is undone already."""

    code = "import_not_to_be_undone"


class Way(StrEnum):
    """What becomes of a row about a record that exists already."""

    NEW = "new"
    """It is left out."""

    FILL = "fill"
    """It fills what is empty."""

    OVERWRITE = "overwrite"
    """What it says replaces what stands there; what it leaves empty stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody wants of a list."""

    mapping: Sequence[str]
    way: Way
    takes_shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the rows of a chunk."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


class ImportState(StrEnum):
    READING = "reading"
    """The file is here, and a worker reads it; of a text the first rows are known already."""

    UNREADABLE = "unreadable"
    DRAFT = "draft"
    """The list is here; nobody has said go yet."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class Import(Versioned):
    """One list on its way in: which column is what, and how far it is."""

    __tablename__ = "imports"
    __table_args__ = (Index(None, "entity", "headings_key"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"))
    entity: Mapped[str]
    locale: Mapped[str]
    """The language of whoever began it: reasons for refusals are written in it."""

    state: Mapped[ImportState] = mapped_column(stored(ImportState), default=ImportState.DRAFT)
    mapping: Mapped[list[str]] = mapped_column(JSONB)
    """The name of a field for each column, empty where the column stays out."""

    total: Mapped[int]
    """Rows of the file below its heading, empty ones not counted."""

    refusal: Mapped[str] = mapped_column(default="")
    """Why the file, or the last sheet that was asked for, could not be read."""

    headings: Mapped[list[str]] = mapped_column(JSONB, default=list)
    headings_key: Mapped[str] = mapped_column(default="")
    """The same for lists with the same headings: what was chosen last time is proposed again."""

    way: Mapped[Way] = mapped_column(stored(Way), default=Way.NEW)
    takes_shared: Mapped[bool] = mapped_column(default=False)
    """Whether somebody comes in whose e-mail address somebody else has: that is never so unasked."""

    done: Mapped[int] = mapped_column(default=0)
    """Rows that are imported, or left out; while the file is read, those that were met so far."""

    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    """Rows about records that exist, left out or with nothing new in them."""

    refused: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(BigInteger)
    """Where in the kept file the next row begins, in bytes."""

    sheets: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """Of a workbook: the names of its sheets."""

    sheet: Mapped[str] = mapped_column(default="")
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("files.id"))
    """The file as it came: while it is read, and where a workbook has more sheets than the one that was."""

    forgotten_at: Mapped[datetime | None]
    """When the kept list was removed; the report stays."""

    undo_began_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone: Mapped[int] = mapped_column(default=0)
    left_alone: Mapped[int] = mapped_column(default=0)
    """Records that were changed since, and so were not taken back."""

    finished_at: Mapped[datetime | None]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    def choose(self, choice: Choice) -> None:
        """Raises NoLongerOpen."""
        self.require_open()
        self.mapping, self.way, self.takes_shared = list(choice.mapping), choice.way, choice.takes_shared

    def require_open(self) -> None:
        """Raises NoLongerOpen."""
        if self.state not in (ImportState.READING, ImportState.DRAFT):
            raise NoLongerOpen

    def await_reading(self) -> None:
        """Raises NoLongerOpen."""
        self.require_open()
        self.state, self.refusal = ImportState.READING, ""

    def refuse(self, reason: str, *, at: datetime) -> None:
        """It could not be read; a sheet that was read before stays."""
        self.refusal, self.done = reason, 0
        if self.position:
            self.state = ImportState.DRAFT
        else:
            self.state, self.finished_at = ImportState.UNREADABLE, at

    def begin(self) -> None:
        """Raises NoLongerOpen."""
        if self.state is not ImportState.DRAFT:
            raise NoLongerOpen
        self.state = ImportState.RUNNING

    def advance(self, tally: Tally, *, position: int, at: datetime) -> None:
        """A chunk is in. A file that ends early ends the import too."""
        rows = tally.created + tally.updated + tally.unchanged + tally.refused
        self.position = position
        self.done += rows
        self.created += tally.created
        self.updated += tally.updated
        self.unchanged += tally.unchanged
        self.refused += tally.refused
        if self.done >= self.total or rows == 0:
            self.state, self.finished_at = ImportState.DONE, at

    def cancel(self, *, at: datetime) -> bool:
        """What is in stays in; what has ended stays as it ended. Answers whether there was something to cancel."""
        if self.state not in (ImportState.READING, ImportState.DRAFT, ImportState.RUNNING):
            return False
        self.state, self.finished_at = ImportState.CANCELLED, at
        return True

    def has_stalled(self, *, at: datetime) -> bool:
        return (self.state is ImportState.RUNNING or self.is_being_undone) and self.updated_at < at - PATIENCE

    def undo(self, *, at: datetime) -> None:
        """Raises NotToBeUndone."""
        if not self.can_be_undone:
            raise NotToBeUndone
        self.undo_began_at = at

    @property
    def is_over(self) -> bool:
        return self.state in (ImportState.DONE, ImportState.CANCELLED)

    @property
    def can_be_undone(self) -> bool:
        return self.is_over and self.undo_began_at is None and self.created + self.updated > 0

    @property
    def is_being_undone(self) -> bool:
        return self.undo_began_at is not None and self.undone_at is None


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


class ImportChunk(TenantModel):
    """What one chunk of an import did, so that it can be taken back."""

    __tablename__ = "import_chunks"
    __table_args__ = (
        Index(None, "import_id"),
        {"info": {"unrecorded": "It tells what an import did; what it did is in the journal itself."}},
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"))
    cause: Mapped[str]
    """By which the journal knows its changes."""

    created: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    """By kind of record, the ids; other kinds than the list's own came along, as a contact's company."""

    updated: Mapped[list[list[Any]]] = mapped_column(JSONB)
    """(id, values and words as they were before)"""

    record_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """All of the list's own kind that are among both."""

    undone_at: Mapped[datetime | None]
    undo_cause: Mapped[str] = mapped_column(default="")
    left_alone: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    """(kind, id) of what was changed since."""

    spared: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    """(kind, id) of what those need, so that it stays too."""
