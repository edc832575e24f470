"""What a timeline shows: something that happened, who did it, when, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
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
