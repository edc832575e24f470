from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.contactpoints import actions as points
from app.contactpoints.drafts import Draft, from_cells
from app.contacts.models import Contact, columns_of
from app.core import keys
from app.core.entities import NewRecord
from app.core.fields import Values
from tenants import bulk
from tenants.db import new_id


def add_contacts(rows: Sequence[NewRecord]) -> list[UUID]:
    """Add one contact for each line of a list, in two statements for all."""
    return _add(rows, [from_cells(row.values) for row in rows])


def add_contact(row: NewRecord, drafts: Sequence[Draft]) -> UUID:
    return _add([row], [drafts])[0]


def _add(rows: Sequence[NewRecord], drafts: Sequence[Sequence[Draft]]) -> list[UUID]:
    ids = [new_id() for _ in rows]
    columns = [_columns(row, own) for row, own in zip(rows, drafts, strict=True)]
    bulk.insert_rows(Contact, [{"id": i, **c} for i, c in zip(ids, columns, strict=True)])
    points.add_points("contact", list(zip(ids, drafts, strict=True)))
    return ids


def _columns(row: NewRecord, drafts: Sequence[Draft]) -> dict[str, Any]:
    return {**columns_of(row.values, _words(drafts)), "beside_text": keys.search_text(row.beside)}


def _words(drafts: Sequence[Draft]) -> list[str]:
    return [word for draft in drafts for word in draft.words()]


def edit_contact(contact_id: UUID, values: Values, drafts: Sequence[tuple[UUID | None, Draft]]) -> None:
    words = points.replace_points("contact", contact_id, drafts)
    bulk.change_row(Contact, contact_id, columns_of(values, words))
