"""What an import would do: the first rows as they will be saved, how many would be refused, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.entities import EntityType
from app.imports import meeting, sheets
from app.imports.models import Import
from app.imports.rows import Checked, Checker, Reason
from tenants import files

SHOWN = 20
CHECKED = 5000
"""More rows than these are checked only when they are imported: a page must not take seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    rows: Sequence[Checked]
    checked: int
    new: int
    refused: int
    reasons: Sequence[tuple[Reason, int]]
    """The most frequent first, with how many rows each refuses."""

    found: Sequence[tuple[UUID, Checked]]
    """Rows about records that exist."""


def preview(entity: EntityType, one: Import) -> Preview:
    rows, _ = sheets.rows(files.path_of(one.file_id), position=one.position, most=CHECKED)
    checker = Checker(entity, one.mapping)
    checked = [checker.check(row) for row in rows]
    met = meeting.sort_out(entity, checked, one.mapping)
    refused = {row.row.number: row for row in met.refused}
    reasons = Counter(reason for row in met.refused for reason in row.reasons)
    return Preview(
        rows=[refused.get(row.row.number, row) for row in checked[:SHOWN]],
        checked=len(checked),
        new=len(met.new),
        refused=len(met.refused),
        reasons=reasons.most_common(12),
        found=met.found,
    )
