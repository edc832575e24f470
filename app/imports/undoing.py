"""Taking an import back, chunk by chunk, the last one first. A chunk is one transaction.

1. What it created goes into the recycle bin, and what it changed says again what it said.
2. Whatever was changed since by somebody or something else, or has a note, a task or a complaint by now, is left
   alone and remembered, so that it can be named.
3. What came along, as the companies of contacts, goes too, unless something that stays needs it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from app.core import records
from app.core.entities import EntityType, entity_types
from app.imports import queries, revising
from app.imports.models import Import, ImportChunk
from tenants import clock
from tenants.context import current_origin
from tenants.db import db


def undo_next(import_id: UUID) -> bool:
    """Take back the next chunk of an import, and say whether there is more.

    The import is locked meanwhile: a second run waits and goes on where this one ended.
    """
    one = db.session.get(Import, import_id, with_for_update=True)
    if one is None or not one.is_being_undone:
        return False
    chunk = queries.next_chunk_to_undo(import_id)
    if chunk is None:
        one.undone_at = clock.now()
        return False
    chunk.undo_cause = current_origin().cause
    told = queries.told_of_chunks(import_id)
    ours = [cause for other in told for cause in (other.cause, other.undo_cause) if cause]
    _Undoing(one, chunk, [*ours, chunk.undo_cause]).run([ref for other in told for ref in other.spared])
    return True


class _Undoing:
    """One chunk on its way back."""

    def __init__(self, one: Import, chunk: ImportChunk, ours: Sequence[str]) -> None:
        self._one, self._chunk, self._ours = one, chunk, ours
        self._entity = entity_types.named(one.entity)
        self._left: list[list[str]] = []
        self._undone = 0

    def run(self, spared: Collection[Sequence[str]]) -> None:
        self._restore()
        self._discard(self._entity, keep=set())
        needed = [list(ref) for ref in self._needed()]
        for entity in entity_types:
            if entity is not self._entity and self._chunk.created.get(entity.name):
                self._discard(entity, keep={UUID(i) for kind, i in [*spared, *needed] if kind == entity.name})
        self._chunk.spared, self._chunk.left_alone = needed, self._left
        self._chunk.undone_at = self._one.updated_at = clock.now()
        self._one.undone += self._undone
        self._one.left_alone += len(self._left)

    def _restore(self) -> None:
        ids = {UUID(before[0]) for before in self._chunk.updated}
        if not ids:
            return
        after = queries.moment_of(self._one.id, self._chunk.cause)
        touched = queries.changed_since(self._entity, ids, ours=self._ours, after=after)
        self._leave(self._entity, touched)
        free = [before for before in self._chunk.updated if UUID(before[0]) not in touched]
        revising.restore(self._entity, free)
        restored = [UUID(before[0]) for before in free]
        queries.remove_parts(self._entity, restored, cause=self._chunk.cause)
        self._undone += len(free)

    def _discard(self, entity: EntityType, *, keep: Collection[UUID]) -> None:
        ids = {UUID(record_id) for record_id in self._chunk.created.get(entity.name, ())}
        there = records.lock_all(entity.model, ids)
        changed = queries.changed_since(entity, there, ours=self._ours)
        touched = changed | queries.spoken_of(entity, there) | (there & set(keep))
        self._leave(entity, touched)
        gone = there - touched
        records.discard_all(entity.model, gone)
        self._undone += len(gone) if entity is self._entity else 0

    def _leave(self, entity: EntityType, touched: Collection[UUID]) -> None:
        self._left += [[entity.name, str(record_id)] for record_id in sorted(touched)]

    def _needed(self) -> list[tuple[str, str]]:
        """What those records need that stay: their companies, say."""
        extensions = entity_types.extensions(self._entity)
        return [
            (ref.type, str(ref.id))
            for _, record_id in self._left
            for extension in extensions
            for ref in extension.neighbours(self._entity.name, UUID(record_id))
        ]
