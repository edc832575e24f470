"""What features tell on home: what waits, and a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.fields import Text


@dataclass(frozen=True, kw_only=True)
class Agenda:
    """What waits for the actor, as home tells it."""

    title: Text
    url: str
    """Where all of it is."""

    lines: Sequence[tuple[str, str, str, str]]
    """(URL, what, until when, tone), the most urgent first."""

    empty: Text


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that home tells, and how it came about week by week."""

    label: Text
    value: str
    """In the reader's language."""

    url: str
    """Where what is counted can be seen."""

    about: Text
    """What the weeks count."""

    weeks: Sequence[int]
    """The oldest first; the last one is not over yet."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a feature counts for home."""

    load: Callable[[Sequence[datetime]], Sequence[Figure]]
    """From the beginnings of the weeks, in one statement. It is asked every few minutes, not at each open."""

    permission: str
