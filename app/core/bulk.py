"""What can be done with many records of a list at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.fields import Text


@dataclass(frozen=True, kw_only=True)
class Argument:
    """What must be typed before many records can be changed, as the tag that they shall carry."""

    name: str
    label: Text
    limit: int
    suggestions: Callable[[], Sequence[str]]
    """Where the list has a filter of this name, its choices are suggested and this is not asked."""


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """What can be done with many records of a list at once, and undone."""

    name: str
    """Stored. Never changes."""

    label: Text
    icon: str
    verb: str = "write"
    """What one must be allowed to do with such records."""

    permission: str | None = None
    """What one must be allowed besides."""

    argument: Argument | None = None
    prepare: Callable[[str], str] = str
    """From what was typed to what ``run`` gets. Raises Invalid."""

    run: Callable[[Any, Sequence[UUID], str], Sequence[UUID]]
    """(entity type, ids, what was prepared): change these records, all of which the actor may see; answers which of
    them were not so before.
    """

    undo: Callable[[Any, Sequence[UUID], str], None]
    """The way back for what ``run`` answered."""

    said: Callable[[int], str]
    """What is said when it is done with so many records."""
