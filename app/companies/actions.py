from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.companies.models import Company, found_by
from app.contactpoints import actions as points
from app.contactpoints.drafts import Draft, from_cells
from app.core import keys
from app.core.access import visible
from app.core.entities import NewRecord
from app.core.fields import Values
from tenants import bulk, clock
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


def edit_company(company: Company, values: Values, drafts: Sequence[tuple[UUID | None, Draft]]) -> None:
    points.replace_points("company", company.id, drafts)
    company.rename(name=values.get("name") or "", industry=values.get("industry"))
    company.number = values.get("number")
    company.be_found_by(word for _, draft in drafts for word in draft.words())
    company.updated_at = clock.now()


def _add(rows: Sequence[NewRecord], drafts: Sequence[Sequence[Draft]]) -> list[UUID]:
    ids = [new_id() for _ in rows]
    columns = [_columns(row.values, own) for row, own in zip(rows, drafts, strict=True)]
    bulk.insert_rows(Company, [{"id": i, **c} for i, c in zip(ids, columns, strict=True)])
    points.add_points("company", list(zip(ids, drafts, strict=True)))
    return ids


def _columns(values: Values, drafts: Sequence[Draft]) -> dict[str, Any]:
    name, industry, number = values.get("name") or "", values.get("industry"), values.get("number")
    words = [word for draft in drafts for word in draft.words()]
    return {
        "name": name,
        "industry": industry,
        "sort_key": keys.sort_key(name),
        "number": number,
        "search_text": found_by(name, industry, [number or "", *words]),
    }
