"""What stands in the form of a record with contact points, and what becomes of it when somebody else saved first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from flask_babel import gettext

from app.contactpoints import forms as points
from app.core import authorship, editing
from app.core.authorship import Trace
from app.core.editing import News, Texts
from app.core.fields import Field
from app.core.forms import Theirs
from app.core.merging import merge

_POINT = "point "
_CELLS = ("kind", "label", "value", "street", "postal_code", "city", "country")


@dataclass(frozen=True, kw_only=True)
class Entered:
    """As the record has it, or as somebody sent it."""

    values: Mapping[str, Any]
    rows: Sequence[points.Row]
    version: str = ""
    seen: str = ""
    """The record as it was when the form was shown, as the form carries it."""

    problems: Mapping[str, list[str]] = field(default_factory=dict)
    theirs: Mapping[str, Theirs] = field(default_factory=dict)
    """Field -> what somebody else has saved there meanwhile."""

    reproach: str = ""
    """Who has changed what meanwhile, on top of a form that comes back."""

    adds_row: bool = False

    @property
    def complete(self) -> bool:
        return not (self.problems or self.adds_row or any(row.errors for row in self.rows))

    @property
    def is_disputed(self) -> bool:
        return bool(self.reproach)

    def with_choices(self, saved: Entered, asked: Sequence[str]) -> Entered:
        """Where somebody decided for what the form showed as saved by another, that."""
        names = {f"points-{row.index}": _POINT + row.id for row in self.rows if row.id}
        mine, theirs = ({**_texts(one, list(self.values)), **_points(one)} for one in (self, saved))
        wanted = editing.chosen(mine, saved=theirs, names=[names.get(name, name) for name in asked])
        rows = [
            replace(_row(_POINT + row.id, wanted[_POINT + row.id]), index=row.index)
            if _POINT + row.id in wanted
            else row
            for row in self.rows
        ]
        return replace(self, values={name: wanted[name] or None for name in self.values}, rows=rows)

    def merged_with(self, saved: Entered, described: Sequence[Field], record_id: UUID) -> tuple[Entered, News]:
        """What both want, to be saved over what is saved now; what they contradict each other in is disputed."""
        names = [one.name for one in described]
        mine, theirs = ({**_texts(one, names), **_points(one)} for one in (self, saved))
        merged = merge(seen=editing.read(self.seen), entered=mine, saved=theirs)
        traces = {name: _trace(name, record_id) for name in theirs}
        changed = editing.since(traces, seen=self.seen, saved=theirs)
        news = News(disputed=merged.disputed, authors=authorship.last_authors(changed))
        disputed = news.theirs(lambda name, text: _said(described, name, text))
        labels = {one.name: str(one.label) for one in described}
        labels |= dict.fromkeys(_points(saved), gettext("Ways to reach"))
        new = [row for row in self.rows if not row.id and not row.is_empty()]
        met = replace(
            self,
            values={name: merged.values.get(name) or None for name in names},
            rows=[*_rows(merged.values, disputed), *new],
            version=saved.version,
            seen=saved.seen,
            theirs={name: one for name, one in disputed.items() if not name.startswith(_POINT)},
            reproach=news.reproach(labels) if disputed else "",
        )
        return met._numbered(), news

    def _numbered(self) -> Entered:
        return replace(self, rows=[replace(row, index=index) for index, row in enumerate(self.rows)])


def kept(values: Mapping[str, Any], rows: Sequence[points.Row]) -> str:
    """The present state of a record, to be carried by its form."""
    shown = Entered(values=values, rows=rows)
    return editing.kept({**_texts(shown, list(values)), **_points(shown)})


def _trace(name: str, record_id: UUID) -> Trace:
    return Trace(UUID(name.removeprefix(_POINT))) if name.startswith(_POINT) else Trace(record_id, (name,))


def _said(described: Sequence[Field], name: str, text: str) -> str:
    if name.startswith(_POINT):
        return _row(name, text).said()
    options = next(one.options for one in described if one.name == name)
    return str(dict(options).get(text, text))


def _texts(entered: Entered, names: Sequence[str]) -> Texts:
    return {name: str(entered.values.get(name) or "") for name in names}


def _points(entered: Entered) -> dict[str, str]:
    """Only those that are stored; a new row contradicts nobody."""
    rows = [row for row in entered.rows if row.id and not row.is_empty()]
    return {_POINT + row.id: json.dumps([getattr(row, cell) for cell in _CELLS]) for row in rows}


def _rows(values: Mapping[str, str], disputed: Mapping[str, Theirs]) -> list[points.Row]:
    return [
        replace(_row(name, text), theirs=disputed.get(name)) for name, text in values.items() if name.startswith(_POINT)
    ]


def _row(name: str, text: str) -> points.Row:
    return points.Row(index=0, id=name.removeprefix(_POINT), **dict(zip(_CELLS, json.loads(text), strict=True)))
