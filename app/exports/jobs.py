from __future__ import annotations

from uuid import UUID

from app.core.entities import entity_types
from app.exports import queries, writing
from app.exports.models import ExportState
from app.users import authors
from tenants import files
from tenants.jobs import job_in_suspension

_LARGEST = 1 << 30


@job_in_suspension
def write(*, export_id: str) -> None:
    export = queries.export_to_write(UUID(export_id))
    if export is None or export.state is not ExportState.WRITING:
        return
    if entity_types.named(export.entity).may("export") not in authors.may_today(export.author_id):
        export.state = ExportState.STOPPED
        return
    with writing.write(export) as out:
        export.file_id = files.keep(out, name=f"{export.entity}.{export.format}", limit=_LARGEST).id
    export.state = ExportState.READY
