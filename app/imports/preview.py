"""What an import would do: the first rows as they will be saved, how many would be refused, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.entities import EntityType
from app.imports import meeting, sheets
from app.imports.meeting import Terms
from app.imports.models import Import
from app.imports.rows import Checked, Checker, Reason
from app.imports.sheets import Row
from tenants import files

SHOWN, EXAMPLES = 20, 5
_AT_ONCE = 500
CHECKED = 5000
"""More rows than these are checked only when they are imported: a page must not take seconds."""

_CHECKED_BYTES = 4 << 20
"""The same for rows that are long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    rows: Sequence[Checked]
    checked: int
    new: int
    refused: int
    reasons: Sequence[tuple[Reason, int]]
    """The most frequent first, with how many rows each refuses."""

    met: int
    """Rows about records that exist."""

    shared: int
    """Rows with the e-mail address of somebody else."""

    examples: Sequence[tuple[UUID, int]]
    """The first of them: (record, number of the row)"""


def preview(entity: EntityType, one: Import) -> Preview:
    """Checked some rows at a time, as they will be imported: no more than those are ever in memory."""
    counting = _Counting(entity, one)
    position = one.position
    end = position + _CHECKED_BYTES
    while counting.checked < CHECKED and position < end:
        rows, position = sheets.rows(files.path_of(one.file_id), position=position, most=_AT_ONCE)
        if not rows:
            break
        counting.add(rows)
    return counting.told()


class _Counting:
    def __init__(self, entity: EntityType, one: Import) -> None:
        self._entity = entity
        self._checker = Checker(entity, one.mapping)
        self._rows: list[Checked] = []
        self._reasons: Counter[Reason] = Counter()
        self._examples: list[tuple[UUID, int]] = []
        self._about: set[UUID] = set()
        self._terms = Terms(mapping=one.mapping, takes_shared=one.takes_shared, touched=self._about.intersection)
        self.checked = self._new = self._refused = self._shared = 0

    def add(self, rows: Sequence[Row]) -> None:
        checked = [self._checker.check(row) for row in rows]
        met = meeting.sort_out(self._entity, checked, self._terms)
        refused = {row.row.number: row for row in met.refused}
        self._rows += [refused.get(row.row.number, row) for row in checked[: SHOWN - len(self._rows)]]
        self._reasons.update(reason for row in met.refused for reason in row.reasons)
        self._examples += [(i, row.row.number) for i, row in met.found[: EXAMPLES - len(self._examples)]]
        self._about.update(record_id for record_id, _ in met.found)
        self.checked += len(checked)
        self._new += len(met.new)
        self._refused += len(met.refused)
        self._shared += met.shared

    def told(self) -> Preview:
        return Preview(
            rows=self._rows,
            checked=self.checked,
            new=self._new,
            refused=self._refused,
            reasons=self._reasons.most_common(12),
            met=len(self._about),
            shared=self._shared,
            examples=self._examples,
        )
