"""What a timeline shows: something that happened, who did it, when, in words; and how it goes on page by page.

Much can happen at one moment. On a timeline everything has its place by (moment, source, id within the source), the
newest first, so that a page begins exactly behind the last entry of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

_FIRST, _LAST = UUID(int=0), UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page ends: the next one shows what stands below."""

    at: datetime
    source: str
    """The feature that tells the entry."""

    id: UUID
    """A source's own entries stand below it if their (at, id) is smaller."""

    def within(self, source: str) -> Place:
        """The same place among the entries of one source."""
        if source == self.source:
            return self
        return replace(self, source=source, id=_LAST if source < self.source else _FIRST)

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.source}~{self.id}"


def read_place(written: str | None) -> Place | None:
    """From an address; what nobody can read means the newest."""
    moment, _, rest = (written or "").partition("~")
    source, _, entry_id = rest.partition("~")
    try:
        place = Place(at=datetime.fromisoformat(moment), source=source, id=UUID(entry_id))
    except ValueError:
        return None
    return place if place.at.tzinfo else None


@dataclass(frozen=True, kw_only=True)
class Entry:
    id: UUID
    """Orders what one source tells of the same moment."""

    at: datetime
    icon: str
    label: str
    who: str
    text: str = ""
    note: str = ""
    """A quiet line below the text."""

    tone: str = "plain"
    changes: Sequence[tuple[str, str, str]] = ()
    """(what, before, after)"""

    actions: Sequence[tuple[str, str]] = ()
    """(label, URL)"""

    presses: Sequence[tuple[str, str]] = ()
    """(label, URL) of what one press does at once."""


Told = tuple[str, Sequence[Entry]]
"""(source, what it tells)"""


def newest(told: Iterable[Told], limit: int) -> tuple[list[Entry], Place | None]:
    """Of what several sources tell, one page, and where the next one begins. Each source tells one more than fits."""
    placed = [(entry.at, source, entry.id, entry) for source, entries in told for entry in entries]
    placed.sort(key=lambda one: one[:3], reverse=True)
    shown = placed[:limit]
    if len(placed) <= limit or not shown:
        return [entry for *_, entry in shown], None
    at, source, entry_id, _ = shown[-1]
    return [entry for *_, entry in shown], Place(at=at, source=source, id=entry_id)
