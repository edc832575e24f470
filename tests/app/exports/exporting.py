"""Exports for tests."""

from __future__ import annotations

from uuid import UUID

from app.core.entities import entity_types
from app.core.listing import Query
from app.exports import actions, jobs
from app.exports.models import ExportFormat
from tests.firms import Firm


def export_by_worker(firm: Firm) -> UUID:
    """One with a file that is kept."""
    with firm.work():
        export = actions.begin(entity_types.named("contact"), Query(), format=ExportFormat.CSV)
        jobs.write(export_id=str(export.id))
        return export.id
