"""The columns of a list: which there are, which are shown, and what stands in those that are the record's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, inspect

from app.core import i18n
from app.core.entities import Column, EntityType, entity_types
from app.core.fields import Field, FieldKind
from tenants import clock

OWN = "own_"
"""Before the names of columns that are fields of the record itself, so that they meet no others."""

TITLE, RECENT, CREATED = "title", "recent", f"{OWN}created_at"
_ENTERED = Field(name="created_at", label=_l("Entered"), kind=FieldKind.DAY)
_UNREADABLE = {FieldKind.LONG_TEXT}
MOST = 12
"""Columns that are shown at once."""


def columns(entity: EntityType, chosen: Sequence[str] = ()) -> list[Column]:
    """What is shown: the name first, then what was chosen, in this order. Where nothing was chosen: what features
    add, and the day of the last change last.
    """
    every = {column.name: column for column in offered(entity)}
    if not chosen:
        return [column for name, column in every.items() if not name.startswith(OWN)]
    wanted = [every[name] for name in dict.fromkeys(chosen) if name in every and name != TITLE]
    return [every[TITLE], *wanted[:MOST]]


def offered(entity: EntityType) -> list[Column]:
    """All that can be shown: what is shown unless somebody chooses comes first."""
    added = [column for extension in entity_types.extensions(entity) for column in extension.columns]
    changed = Column(name=RECENT, label=gettext("Last changed"), sort="recent", numeric=True)
    # Records that are not in the order of their names say so by another column.
    by_title = not any(column.sort == "name" for column in added)
    title = Column(name=TITLE, label=entity.title_label or gettext("Name"), sort="name" if by_title else None)
    own = [Column(name=f"{OWN}{f.name}", label=f.label, numeric=f is _ENTERED) for f in _own(entity).values()]
    return [title, *added, changed, *own]


def read(entity: EntityType, written: str) -> tuple[str, ...]:
    """The names of columns from an address; what is no column is left out."""
    known = {column.name for column in offered(entity)} if written else set()
    named = [name for name in written.split(",") if name in known and name != TITLE]
    return tuple(dict.fromkeys(named))[:MOST]


def own_names(entity: EntityType, chosen: Sequence[str]) -> tuple[str, ...]:
    """Of the columns that were chosen, the fields of the record itself."""
    if not chosen:
        return ()
    known = _own(entity)
    return tuple(name for column in chosen if (name := column.removeprefix(OWN)) != column and name in known)


def own_texts(entity: EntityType, row: Row[Any], chosen: Sequence[str]) -> Mapping[str, str]:
    """What such columns say of a row that has them."""
    fields = _own(entity)
    return {f"{OWN}{name}": _said(fields[name], getattr(row, f"{OWN}{name}")) for name in own_names(entity, chosen)}


@cache
def _own(entity: EntityType) -> Mapping[str, Field]:
    """Fields that no feature shows already and that fit into a cell."""
    stored: Any = inspect(entity.model).columns
    shown = {column.name for extension in entity_types.extensions(entity) for column in extension.columns}
    fields = {
        field.name: field
        for field in (*entity.fields, *entity.told)
        if field.name in stored and field.name not in shown and field.name != entity.title
    }
    fits = {name: f for name, f in fields.items() if f.kind not in _UNREADABLE and f.say is None}
    return {**fits, _ENTERED.name: _ENTERED}


def _said(field: Field, value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return i18n.say_day(clock.local(value).date())
        case date():
            return i18n.say_day(value)
        case _:
            return str(dict(field.options).get(value, value))
