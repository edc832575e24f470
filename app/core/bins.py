"""What lies in the recycle bin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, func, literal_column, select, tuple_

from app.core.fields import Text


class Discarded(NamedTuple):
    id: UUID
    title: str
    deleted_at: datetime
    belonged: Sequence[tuple[str, str | None]] = ()
    """(title, URL) of the records that it was on; those that lie in the recycle bin too have no URL."""


@dataclass(frozen=True, kw_only=True)
class Bin:
    """What of a feature lies in the recycle bin beside records of described kinds."""

    kind: str
    plural: Text
    icon: str
    permission: str
    """``activities``: one must be able to read what lies there, and to delete, to take it back."""

    load: Callable[[int, UUID | None], Sequence[Discarded]]
    """At most so many, the last one deleted first, all or those that come behind one of them; in one statement."""

    take_back: Callable[[UUID], str]
    """Answers where it is again; raises NotFound."""


def comes_behind(model: Any) -> ColumnElement[bool]:
    """Deleted before the record that the statement calls ``behind``; all, where that was taken back meanwhile."""
    deleted_at = func.coalesce(model.deleted_at, literal_column("'infinity'::timestamptz"))
    last = select(deleted_at, model.id).where(model.id == bindparam("behind", type_=Uuid)).scalar_subquery()
    return tuple_(model.deleted_at, model.id) < last
