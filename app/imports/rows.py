"""From the cells of a row to what is saved, by the rules of every form; and why a row is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import force_locale, gettext

from app.core import fields, i18n, keys
from app.core.cells import bare
from app.core.entities import EntityType, entity_types
from app.core.fields import Field, FieldKind, Values
from app.imports.sheets import Row

Reason = tuple[str, str]
"""(name of the field, or empty when the row as a whole is meant; sentence)"""


@dataclass(frozen=True, slots=True)
class Checked:
    row: Row
    values: Values
    reasons: Sequence[Reason]
    """Empty when the row is fine."""


class Checker:
    """Checks rows of one list, whose columns are these fields."""

    def __init__(self, entity: EntityType, mapping: Sequence[str]) -> None:
        described = entity_types.entry_fields(entity)
        self._rule = entity.rule
        self._width = len(mapping)
        self._columns = [(at, name) for at, name in enumerate(mapping) if name]
        self._wholes = [(field.name, field.whole) for field in described if field.whole and field.name in mapping]
        named = {*mapping, *(part for _, whole in self._wholes for part in whole.parts)}
        self._described = [field for field in described if field.name in named or field.required]
        self._choices = {f.name: _choices(f) for f in self._described if f.kind is FieldKind.CHOICE}

    def check(self, row: Row) -> Checked:
        values = fields.tidied(self._described, self._texts(row.cells))
        problems = fields.problems(self._described, values, rule=self._rule)
        reasons = [(name, sentence) for name, sentences in problems.items() for sentence in sentences]
        return Checked(row=row, values=values, reasons=[*self._of_the_whole(row), *reasons])

    def _texts(self, cells: Sequence[str]) -> Mapping[str, str | None]:
        width = len(cells)
        texts: dict[str, str | None] = {name: bare(cells[at]) for at, name in self._columns if at < width}
        for name, choices in self._choices.items():
            written = texts.get(name) or ""
            texts[name] = choices.get(_spelt(written), written)
        for name, whole in self._wholes:
            written = (texts.get(name) or "").strip()
            texts = {
                **(whole.split(written) if written else {}),
                **{part: text for part, text in texts.items() if text},
            }
        return texts

    def _of_the_whole(self, row: Row) -> list[Reason]:
        if row.repeated:
            return [("", gettext("The same row stands further up already."))]
        if any(row.cells[self._width :]):
            return [("", gettext("The row has more cells than the heading."))]
        return []


def _choices(field: Field) -> dict[str, str]:
    """How lists write the options of a field: as they are called in either language, and other spellings."""
    found = {_spelt(written): value for written, value in field.spellings}
    for locale in i18n.LOCALES:
        with force_locale(locale):
            found.update({_spelt(str(label)): value for value, label in field.options})
    return {**found, **{_spelt(value): value for value, _ in field.options}}


def _spelt(written: str) -> str:
    return keys.plain(written).rstrip(".")
