"""What has happened lately, whichever feature tells it: one list of all of them, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.core.entries import Entry
from app.core.features import features


def news(limit: int) -> Sequence[Entry]:
    """What people wrote down last."""
    return _newest((feature.news(limit) for feature in features if feature.news is not None), limit)


def followed(limit: int, *, before: datetime | None = None) -> Sequence[Entry]:
    """What happened last, or before a moment, to what the actor follows."""
    told = (feature.followed(limit, before) for feature in features if feature.followed is not None)
    return _newest(told, limit)


def _newest(told: Iterable[Sequence[Entry]], limit: int) -> Sequence[Entry]:
    entries = [entry for of_one in told for entry in of_one]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]
