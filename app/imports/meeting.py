"""Which rows are about records that exist: found before an import begins, and again when each chunk comes in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask_babel import gettext

from app.core.entities import EntityType, entity_types
from app.imports.rows import Checked

Touched = Callable[[Collection[UUID]], Collection[UUID]]
"""Of these records, those that rows further up were about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Every row of a chunk, once."""

    new: Sequence[Checked]
    found: Sequence[tuple[UUID, Checked]]
    refused: Sequence[Checked]


def sort_out(
    entity: EntityType, checked: Sequence[Checked], mapping: Collection[str], *, touched: Touched = lambda _ids: ()
) -> Sorted:
    """The first row about a record counts; those below it are refused, wherever chunks begin and end."""
    checked = _refused_by_features(entity, checked)
    fine = [row for row in checked if not row.reasons]
    refused = [row for row in checked if row.reasons]
    if entity.revision is None or not set(entity.revision.keys) & set(mapping):
        return Sorted(new=fine, found=(), refused=refused)
    hits = entity.revision.find([row.values for row in fine])
    above = set(touched({record_id for own in hits for record_id in own}))
    new: list[Checked] = []
    found: list[tuple[UUID, Checked]] = []
    twice = entity.revision.repeated([row.values for row in fine])
    for row, own, repeated in zip(fine, hits, twice, strict=True):
        if repeated or (len(own) == 1 and own[0] in above):
            refused.append(_refused(row, gettext("A row further up is about the same record already.")))
        elif len(own) > 1:
            refused.append(_refused(row, gettext("Several records fit this row: it cannot be told which is meant.")))
        elif own:
            above.add(own[0])
            found.append((own[0], row))
        else:
            new.append(row)
    return Sorted(new=new, found=found, refused=refused)


def _refused_by_features(entity: EntityType, checked: Sequence[Checked]) -> Sequence[Checked]:
    for extension in entity_types.extensions(entity):
        if extension.importable:
            reasons = extension.refused([row.values for row in checked])
            checked = [
                _refused(row, why) if why and not row.reasons else row
                for row, why in zip(checked, reasons, strict=True)
            ]
    return checked


def _refused(row: Checked, reason: str) -> Checked:
    return replace(row, reasons=[("", reason)])
