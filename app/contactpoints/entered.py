"""What stands in the form of a record with contact points, and what becomes of it when somebody else saved first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.contactpoints import forms as points
from app.core.fields import Field
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
    disputed: Mapping[str, str] = field(default_factory=dict)
    """Field -> what somebody else has saved there meanwhile."""

    adds_row: bool = False

    @property
    def complete(self) -> bool:
        return not (self.problems or self.adds_row or any(row.errors for row in self.rows))

    @property
    def is_disputed(self) -> bool:
        return bool(self.disputed) or any(row.theirs for row in self.rows)

    def with_choices(self, saved: Entered, chosen: Mapping[str, str]) -> Entered:
        """Where somebody decided for what is saved, that."""
        values = {name: saved.values[name] if f"use-{name}" in chosen else value for name, value in self.values.items()}
        theirs = {row.id: row for row in saved.rows}
        rows = [
            replace(theirs[row.id], index=row.index)
            if row.id in theirs and f"use-points-{row.index}" in chosen
            else row
            for row in self.rows
        ]
        return replace(self, values=values, rows=rows)

    def merged_with(self, saved: Entered, described: Sequence[Field]) -> Entered:
        """What both want, to be saved over what is saved now; what they contradict each other in is disputed."""
        names = [one.name for one in described]
        mine = {**_texts(self, names), **_points(self)}
        merged = merge(seen=_read(self.seen), entered=mine, saved={**_texts(saved, names), **_points(saved)})
        new = [row for row in self.rows if not row.id and not row.is_empty()]
        return replace(
            self,
            values={name: merged.values.get(name) or None for name in names},
            rows=[*_rows(merged.values, merged.disputed), *new],
            version=saved.version,
            seen=saved.seen,
            disputed={name: text for name, text in merged.disputed.items() if not name.startswith(_POINT)},
        )._numbered()

    def _numbered(self) -> Entered:
        return replace(self, rows=[replace(row, index=index) for index, row in enumerate(self.rows)])


def kept(values: Mapping[str, Any], rows: Sequence[points.Row]) -> str:
    """The present state of a record, to be carried by its form."""
    shown = Entered(values=values, rows=rows)
    return json.dumps({**_texts(shown, list(values)), **_points(shown)}, ensure_ascii=False, separators=(",", ":"))


def _read(seen: str) -> Mapping[str, str]:
    """What the form carried. Whoever sends something else only disputes more, or less, of their own changes."""
    try:
        found = json.loads(seen or "{}")
    except ValueError:
        return {}
    return {str(name): str(text) for name, text in found.items()} if isinstance(found, dict) else {}


def _texts(entered: Entered, names: Sequence[str]) -> dict[str, str]:
    return {name: str(entered.values.get(name) or "") for name in names}


def _points(entered: Entered) -> dict[str, str]:
    """Only those that are stored; a new row contradicts nobody."""
    rows = [row for row in entered.rows if row.id and not row.is_empty()]
    return {_POINT + row.id: json.dumps([getattr(row, cell) for cell in _CELLS]) for row in rows}


def _rows(values: Mapping[str, str], disputed: Mapping[str, str]) -> list[points.Row]:
    return [
        replace(_row(name, text), theirs=_row(name, disputed[name]).said() if name in disputed else "")
        for name, text in values.items()
        if name.startswith(_POINT)
    ]


def _row(name: str, text: str) -> points.Row:
    return points.Row(index=0, id=name.removeprefix(_POINT), **dict(zip(_CELLS, json.loads(text), strict=True)))
