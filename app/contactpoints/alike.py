"""Records that may be what somebody is about to enter once more: of the same name, or with the same e-mail address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import request, url_for
from sqlalchemy import ARRAY, Row, Select, String, any_, bindparam, or_, select

from app.contactpoints.drafts import Draft
from app.contactpoints.models import ContactPoint, PointKind
from app.contactpoints.queries import OWNERS
from app.core import listing
from app.core.access import visible
from app.core.entities import EntityType
from app.core.fields import Values
from app.core.forms import Alike
from tenants.db import rows

KNOWN = "alike"
"""Names the ids of those that were shown already: whoever sends them has decided."""

MOST = 3

Key = Callable[[Values], str]
"""From what was entered to the key by which such records are sorted: their name, however it is spelt."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a form has to ask before it saves; empty where there is nothing to ask."""

    records: Sequence[Alike] = ()

    @property
    def hidden(self) -> dict[str, str]:
        return {KNOWN: ",".join(one.id for one in self.records)}


def asked(entity: EntityType, values: Values, drafts: Sequence[Draft], *, key: Key) -> Question:
    """Those that the form has not shown yet. One statement where nothing is alike."""
    emails = [draft.normalised for draft in drafts if draft.kind is PointKind.EMAIL]
    found = rows(_alike(entity), {"key": key(values), "emails": emails, "limit": MOST})
    if {str(row.id) for row in found} <= set(request.form.get(KNOWN, "").split(",")):
        return Question()
    return Question(records=[_shown(entity, row) for row in found])


def _shown(entity: EntityType, row: Row[Any]) -> Alike:
    beside = " · ".join(text for text in listing.cells(entity, row.id).values() if text)
    return Alike(id=str(row.id), title=row.title, beside=beside, url=url_for(entity.endpoint, record_id=row.id))


@cache
def _alike(entity: EntityType) -> Select[Any]:
    """Each half has an index of its own."""
    model: Any = entity.model
    owner = OWNERS[entity.name]
    is_theirs = (ContactPoint.kind == PointKind.EMAIL, ContactPoint.deleted_at.is_(None), owner.is_not(None))
    by_email = select(owner).where(
        ContactPoint.normalised == any_(bindparam("emails", type_=ARRAY(String))), *is_theirs
    )
    by_name = select(model.id).where(model.sort_key == bindparam("key"), model.deleted_at.is_(None))
    either = or_(model.id.in_(by_email), model.id.in_(by_name))
    shown = visible(model).with_only_columns(model.id, getattr(model, entity.title).label("title"))
    return shown.where(either).order_by(model.sort_key, model.id).limit(bindparam("limit"))
