from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from app.companies.models import Company, columns_of
from app.contactpoints import actions as points
from app.contactpoints.drafts import Draft, from_cells
from app.core import keys
from app.core.access import visible
from app.core.entities import NewRecord
from app.core.fields import Values
from tenants import bulk
from tenants.db import db, new_id


def add_companies(rows: Sequence[NewRecord]) -> list[UUID]:
    """Add one company for each line of a list, in two statements for all."""
    return _add(rows, [from_cells(row.values) for row in rows])


def add_company(row: NewRecord, drafts: Sequence[Draft]) -> UUID:
    return _add([row], [drafts])[0]


def find_or_add(names: Sequence[str]) -> Mapping[str, UUID]:
    """The companies of these names, however they are spelt in capitals or umlauts; those that are new are
    added.
    """
    wanted = {name: keys.sort_key(name) for name in names}
    known = select(Company.sort_key, Company.id).where(
        Company.id.in_(visible(Company).with_only_columns(Company.id)),
        Company.sort_key.in_(set(wanted.values())),
    )
    found = {key: company_id for key, company_id in db.session.execute(known.order_by(Company.id.desc()))}  # noqa: C416
    missing = {key: name for name, key in reversed(wanted.items()) if key not in found}
    found.update(zip(missing, add_companies([NewRecord({"name": name}) for name in missing.values()]), strict=True))
    return {name: found[key] for name, key in wanted.items()}


def edit_company(company_id: UUID, values: Values, drafts: Sequence[tuple[UUID | None, Draft]]) -> None:
    words = points.replace_points("company", company_id, drafts)
    bulk.change_row(Company, company_id, columns_of(values, words))


def _add(rows: Sequence[NewRecord], drafts: Sequence[Sequence[Draft]]) -> list[UUID]:
    ids = [new_id() for _ in rows]
    columns = [columns_of(row.values, _words(own)) for row, own in zip(rows, drafts, strict=True)]
    bulk.insert_rows(Company, [{"id": i, **c} for i, c in zip(ids, columns, strict=True)])
    points.add_points("company", list(zip(ids, drafts, strict=True)))
    return ids


def _words(drafts: Sequence[Draft]) -> list[str]:
    return [word for draft in drafts for word in draft.words()]
