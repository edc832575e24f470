"""Tags in lists that come in: one cell names several of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, Row, Uuid, any_, bindparam, select

from app.core import access
from app.core.fields import Field, Values, clean
from app.tags import actions, queries
from app.tags.models import Tag, Tagging, key_of
from app.tags.schemas import NAME
from app.users import authors
from tenants.context import current_actor
from tenants.db import rows

FIELD = Field(
    name="tags",
    label=_l("Tags"),
    limit=1000,
    headings=("tag", "schlagwort", "schlagworte", "schlagwörter", "stichwort", "kategorie", "kategorien", "categories"),
)

_BETWEEN = re.compile("[,;]")
_CARRIED = (
    select(Tagging.record_id, Tag.name)
    .join(Tag, Tag.id == Tagging.tag_id)
    .where(
        Tagging.record_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        Tagging.deleted_at.is_(None),
        Tag.deleted_at.is_(None),
    )
    .order_by(Tag.name_key)
)


def refused(lines: Sequence[Values]) -> Sequence[str]:
    """Why the tags of a line cannot be put on its record; empty where they can. New ones only who may adds."""
    named = [_named(values) for values in lines]
    if not any(named):
        return [""] * len(lines)
    known = {key_of(name) for name in queries.names()}
    may_add = _may_add()
    found = []
    for names in named:
        new = {key: name for key, name in names.items() if key not in known}
        reason = _reason(list(new.values()), room=queries.MOST - len(known), may_add=may_add)
        known |= set() if reason else set(new)
        found.append(reason)
    return found


def _reason(new: Sequence[str], *, room: int, may_add: bool) -> str:
    long = next((name for name in new if len(name) > NAME.limit), None)
    if long is not None:
        return gettext("A tag needs a name of at most 40 characters.")
    if new and not may_add:
        return gettext("There is no tag “%(tag)s”, and you may not add one.", tag=new[0])
    if len(new) > room:
        return gettext("There are as many tags as a firm can have. Please merge or delete some first.")
    return ""


def write(entity: str, lines: Sequence[tuple[UUID, Values]]) -> None:
    """Put the tags on the records, beside those that they carry; in one statement once the tags are known."""
    named = [(record_id, names) for record_id, values in lines if (names := _named(values))]
    if not named:
        return
    wanted = {key: name for _, names in reversed(named) for key, name in names.items()}
    ids = {key_of(row.name): row.id for row in queries.all_named(wanted)}
    ids.update({key: actions.find_or_add(name).id for key, name in wanted.items() if key not in ids})
    actions.put_on(entity, [(ids[key], record_id) for record_id, names in named for key in names])


def read(_entity: str, ids: Collection[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    found: dict[UUID, list[str]] = {}
    told: Sequence[Row[Any]] = rows(_CARRIED, {"ids": list(ids)})
    for row in told:
        found.setdefault(row.record_id, []).append(row.name)
    return {record_id: {FIELD.name: ", ".join(names)} for record_id, names in found.items()}


def says_more(standing: Values, said: Values) -> bool:
    """Whether a line names a tag that the record does not carry."""
    return bool(_named(said).keys() - _named(standing).keys())


def _named(values: Values) -> Mapping[str, str]:
    """By key, so that no tag is named twice; the first spelling counts."""
    cell = values.get(FIELD.name)
    names = [clean(name) for name in _BETWEEN.split(cell)] if cell else []
    return {key_of(name): name for name in reversed(names) if name}


def _may_add() -> bool:
    """Also of whoever began what a worker goes on with."""
    return access.may("tags.write") or "tags.write" in authors.may_today(current_actor().user_id)
