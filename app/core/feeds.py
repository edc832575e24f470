"""What has happened lately, whichever feature tells it: one list of all of them, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core import entries
from app.core.entries import Entry, Place, Told
from app.core.features import features


def news(limit: int) -> Sequence[Entry]:
    """What people wrote down last."""
    told = ((feature.name, feature.news(limit)) for feature in features if feature.news is not None)
    return entries.newest(told, limit)[0]


def followed(limit: int, *, before: Place | None = None) -> tuple[Sequence[Entry], Place | None]:
    """A page of what happened to what the actor follows, and where the next one begins."""
    return entries.newest(_followed(limit + 1, before), limit)


def _followed(limit: int, before: Place | None) -> Iterable[Told]:
    for feature in features:
        if feature.followed is not None:
            yield feature.name, feature.followed(limit, before and before.within(feature.name))
