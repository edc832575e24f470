"""Which rows are about records that exist: found before an import begins, and again when each chunk comes in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask_babel import gettext

from app.core.entities import EntityType, entity_types
from app.core.revisions import Hit
from app.imports.rows import Checked

Touched = Callable[[Collection[UUID]], Collection[UUID]]
"""Of these records, those that rows further up were about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Every row of a chunk, once."""

    new: Sequence[Checked]
    found: Sequence[tuple[UUID, Checked]]
    refused: Sequence[Checked]
    shared: int = 0
    """Rows with the e-mail address of somebody else, whether they come in or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What decides about a row, beside what it says."""

    mapping: Collection[str]
    takes_shared: bool
    """Whether somebody comes in whose e-mail address somebody else has."""

    touched: Touched = lambda _ids: ()


def sort_out(entity: EntityType, checked: Sequence[Checked], terms: Terms) -> Sorted:
    """The first row about a record counts; those below it are refused, wherever chunks begin and end."""
    checked = _refused_by_features(entity, checked)
    fine = [row for row in checked if not row.reasons]
    refused = [row for row in checked if row.reasons]
    if entity.revision is None or not set(entity.revision.keys) & set(terms.mapping):
        return Sorted(new=fine, found=(), refused=refused)
    hits = entity.revision.find([row.values for row in fine])
    above = set(terms.touched({record_id for hit in hits for record_id in hit.ids}))
    new: list[Checked] = []
    found: list[tuple[UUID, Checked]] = []
    twice = entity.revision.repeated([row.values for row in fine])
    for row, hit, repeated in zip(fine, hits, twice, strict=True):
        again = repeated or (len(hit.ids) == 1 and hit.ids[0] in above)
        if reason := _why_not(hit, is_repeated=again, takes_shared=terms.takes_shared):
            refused.append(_refused(row, reason))
        elif hit.ids:
            above.add(hit.ids[0])
            found.append((hit.ids[0], row))
        else:
            new.append(row)
    shared = sum(hit.is_shared and not repeated for hit, repeated in zip(hits, twice, strict=True))
    return Sorted(new=new, found=found, refused=refused, shared=shared)


def _why_not(hit: Hit, *, is_repeated: bool, takes_shared: bool) -> str:
    if is_repeated:
        return gettext("A row further up is about the same record already.")
    if hit.is_shared and not takes_shared:
        return gettext("Somebody else has this e-mail address already.")
    return gettext("Several records fit this row: it cannot be told which is meant.") if len(hit.ids) > 1 else ""


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
