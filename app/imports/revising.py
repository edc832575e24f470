"""Changing the records that rows were found to be about, and remembering what they said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core import keys
from app.core.beside import read_standing
from app.core.entities import EntityType, entity_types, new_record, write_beside
from app.core.fields import Values
from app.core.revisions import Standing
from app.imports.merging import Merger
from app.imports.models import Import
from app.imports.rows import Checked

Before = list[Any]
"""[id, values, words], as JSON keeps it."""


def revise(entity: EntityType, one: Import, found: Sequence[tuple[UUID, Checked]]) -> list[Before]:
    """Answers what was before, of those records that are different now. One that is gone meanwhile is passed over."""
    if entity.revision is None or not found:
        return []
    standing = read_standing(entity, [record_id for record_id, _ in found])
    merger = Merger(entity, one.mapping, one.way)
    before: list[Before] = []
    after: dict[UUID, Standing] = {}
    added: list[tuple[UUID, Values]] = []
    for record_id, row in found:
        own = standing.get(record_id)
        if own is None:
            continue
        changed, beside = merger.changed(own, row.values), merger.added(own, row.values)
        if changed or beside:
            before.append([str(record_id), dict(own.values), own.beside])
            after[record_id] = _after(entity, own, changed, beside)
            added += [(record_id, beside)] if beside else []
    entity.revision.write(after)
    write_beside(entity, added)
    return before


def restore(entity: EntityType, before: Sequence[Before]) -> None:
    """Let these records say again what they said."""
    if entity.revision is not None:
        told = {UUID(record_id): Standing(values=values, beside=beside) for record_id, values, beside in before}
        entity.revision.write(told)


def _after(entity: EntityType, own: Standing, changed: Values, beside: Values) -> Standing:
    words = new_record(entity, beside).beside if beside else ()
    told = own.beside + keys.search_text(words) if words else own.beside
    names = {field.name for extension in entity_types.extensions(entity) for field in extension.entry_fields}
    values = {name: value for name, value in {**own.values, **changed}.items() if name not in names}
    return replace(own, values=values, beside=told)
