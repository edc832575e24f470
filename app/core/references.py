"""What a program sends names other records by their ids."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext
from marshmallow import ValidationError

from app.core import access, records
from app.core.entities import EntityType


def check(name: str, record_id: UUID | None, entity: EntityType) -> None:
    """Raises ValidationError for the field ``name`` unless the record is there and may be seen."""
    if record_id is None:
        return
    if not access.may(entity.may("read")) or record_id not in records.titles(entity, [record_id]):
        raise ValidationError({name: [gettext("There is no such record.")]})
