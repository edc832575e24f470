"""Who changed what of the firm's settings, when, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import Row

from app.core.features import features
from app.firm import forms, queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    at: datetime
    who: str
    lines: Sequence[tuple[str, str, str]]
    """(what, before, after)"""


def told(*, most: int) -> tuple[Sequence[Said], int]:
    """The last changes, newest first, and how many there are altogether."""
    changes = queries.changes(most=most)
    people = features.people({change.actor for change in changes if change.actor is not None})
    said = [
        Said(at=change.at, who=people.get(change.actor, "Kontor"), lines=list(_lines(change))) for change in changes
    ]
    return [one for one in said if one.lines], changes[0].number if changes else 0


def _lines(change: Row[Any]) -> Iterator[tuple[str, str, str]]:
    old, new = change.old or {}, change.new or {}
    for field in forms.FIELDS:
        if field.name in new:
            yield str(field.label), forms.say(field.name, old.get(field.name)), forms.say(field.name, new[field.name])
    if "logo_id" in new:
        yield gettext("Logo"), _picture(old.get("logo_id")), _picture(new["logo_id"])


def _picture(file_id: str | None) -> str:
    return gettext("a picture") if file_id else ""
