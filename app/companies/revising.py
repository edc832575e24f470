"""Many companies found by lines of a list, and changed at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, String, Uuid, any_, bindparam, select

from app.companies.models import Company, columns_of, key_of
from app.contactpoints import numbers
from app.contactpoints import revising as points
from app.contactpoints.revising import Reach
from app.core.fields import Values
from app.core.revisions import Hit, Revision, Standing
from tenants import bulk
from tenants.db import rows

_NUMBERS = numbers.Numbers(Company)
_BY_NAME = select(Company.sort_key, Company.id, Company.number).where(
    Company.sort_key == any_(bindparam("keys", type_=ARRAY(String))), Company.deleted_at.is_(None)
)
_TO_CHANGE = (
    select(Company.id, Company.name, Company.industry, Company.number)
    .where(Company.id == any_(bindparam("ids", type_=ARRAY(Uuid))), Company.deleted_at.is_(None))
    .order_by(Company.id)
    .with_for_update()
)


def find_companies(lines: Sequence[Values]) -> list[Hit]:
    """By customer number, or else by name, however it is spelt in capitals or umlauts."""
    numbered = _NUMBERS.find(lines)
    found: dict[str, list[Row[Any]]] = {}
    for row in rows(_BY_NAME, {"keys": [key_of(values) for values in lines]}):
        found.setdefault(row.sort_key, []).append(row)
    return [
        Hit([numbered[values["number"] or ""]])
        if values.get("number") in numbered
        else Hit([row.id for row in found.get(key_of(values), []) if numbers.agree(values, row.number)])
        for values in lines
    ]


def read_companies(ids: Collection[UUID]) -> Mapping[UUID, Standing]:
    """Locked until the end of the unit of work; two statements for all."""
    found = rows(_TO_CHANGE, {"ids": list(ids)})
    reach = points.read_reach("company", [row.id for row in found])
    return {
        row.id: Standing(
            values={"name": row.name, "industry": row.industry, "number": row.number, **reach[row.id].values},
            holds=partial(_holds, reach[row.id]),
        )
        for row in found
    }


def _holds(reach: Reach, field: str, value: str) -> bool:
    """A list never renames a company: the people who work there are found by its name."""
    return field == "name" or reach.holds(field, value)


def write_companies(told: Mapping[UUID, Standing]) -> None:
    """Five statements for all. The name is what a company is found by, and stays as it is."""
    if not told:
        return
    words = points.write_reach("company", {record_id: own.values for record_id, own in told.items()})
    columns = {record_id: columns_of(own.values, words[record_id]) for record_id, own in told.items()}
    changed = ("industry", "number", "search_text")
    bulk.change_rows(Company, {record_id: {name: own[name] for name in changed} for record_id, own in columns.items()})


REVISION = Revision(
    keys=("number", "name"),
    repeated=partial(numbers.repeated, who=key_of),
    find=find_companies,
    read=read_companies,
    write=write_companies,
)
