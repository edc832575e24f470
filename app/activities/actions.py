from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, String, Table, Uuid, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.activities import mentions, queries
from app.activities.models import Activity, ActivityKind, Link, Mention
from app.core.entities import EntityRef, entity_types
from app.users import queries as users
from tenants import clock, live
from tenants.context import current_actor
from tenants.db import db, new_id
from tenants.errors import Conflict


class OnlyLink(Conflict):
    """This is the only record that the entry is on. Please add another one first."""

    code = "only_link"


def record(kind: ActivityKind, *, body: str, about: EntityRef, at: datetime) -> UUID:
    """Write down what happened with a record; it belongs to its neighbours too, as a contact's present
    employers.
    """
    activity = Activity(id=new_id(), kind=kind, at=at, body=body, author_id=current_actor().user_id)
    return write(activity, about=with_neighbours(about))


def write(activity: Activity, *, about: Iterable[EntityRef]) -> UUID:
    """Keep a new activity on exactly these records, and name the people whom its text names."""
    db.session.add(activity)
    db.session.flush()
    _attach(activity, about=list(about), named=_named(activity.body))
    return activity.id


def repeat(activity: Activity, *, about: Iterable[EntityRef]) -> None:
    """Keep it on these records, without asking anybody whom it names to read it again."""
    db.session.add(activity)
    db.session.flush()
    _attach(activity, about=list(about), named=[])


def with_neighbours(about: EntityRef) -> list[EntityRef]:
    """The record itself, first, and those on whose timelines belongs what happens with it."""
    entity = entity_types.named(about.type)
    found = {ref for extension in entity_types.extensions(entity) for ref in extension.neighbours(about.type, about.id)}
    return [about, *(found - {about})]


def rewrite(activity: Activity, *, body: str) -> None:
    """Who was named before and still is, need not read it again."""
    activity.body = body
    db.session.flush()
    named = _named(body)
    db.session.execute(delete(Mention).where(Mention.activity_id == activity.id, Mention.user_id.not_in(named)))
    _attach(activity, about=[], named=named)


def attach(activity: Activity, *, to: EntityRef) -> None:
    """Show it on the timeline of another record too; done twice it is done once."""
    _attach(activity, about=[to], named=[])


def detach(activity: Activity, *, from_record: UUID) -> None:
    """Raises OnlyLink where it would be on no timeline at all."""
    links = queries.links_of(activity.id)
    if activity.kind is not ActivityKind.TASK and {link.record_id for link in links} <= {from_record}:
        raise OnlyLink
    db.session.execute(delete(Link).where(Link.activity_id == activity.id, Link.record_id == from_record))


def read(mention: Mention, *, at: datetime) -> None:
    mention.read_at = mention.read_at or at


def read_all(user_id: UUID, *, at: datetime) -> None:
    unread = (Mention.user_id == user_id) & Mention.read_at.is_(None)
    db.session.execute(update(Mention).where(unread).values(read_at=at))


def _named(body: str) -> list[UUID]:
    if "@" not in body:
        return []
    return list(dict.fromkeys(found.who for found in mentions.found_in(body, users.offered())))


def _attach(activity: Activity, *, about: Sequence[EntityRef], named: Sequence[UUID]) -> None:
    """Links and mentions in one statement: every entry of a busy day comes through here."""
    for ref in about:
        live.hint(ref.id)
    own, now = current_actor().user_id, clock.now()
    values = {
        "of_activity": activity.id,
        "happened_at": activity.at,
        "now": now,
        "link_ids": [new_id() for _ in about],
        "kinds": [ref.type for ref in about],
        "record_ids": [ref.id for ref in about],
        "mention_ids": [new_id() for _ in named],
        "user_ids": list(named),
        "read": [now if user_id == own else None for user_id in named],
    }
    db.session.connection().execute(_ATTACH, values)


def _list(name: str, kind: Any) -> Any:
    return func.unnest(bindparam(name, type_=ARRAY(kind)))


def _one(name: str, kind: Any) -> Any:
    return bindparam(name, type_=kind)


_MOMENT = DateTime(timezone=True)
# As tables: to the ORM the lists would be rows to insert.
_LINKED = (
    insert(cast("Table", Link.__table__))
    .from_select(
        ["id", "created_at", "activity_id", "kind", "record_id", "at"],
        select(
            _list("link_ids", Uuid),
            _one("now", _MOMENT),
            _one("of_activity", Uuid),
            _list("kinds", String),
            _list("record_ids", Uuid),
            _one("happened_at", _MOMENT),
        ),
        include_defaults=False,
    )
    .on_conflict_do_nothing()
    .cte("linked")
)
_ATTACH = (
    insert(cast("Table", Mention.__table__))
    .from_select(
        ["id", "created_at", "activity_id", "user_id", "read_at"],
        select(
            _list("mention_ids", Uuid),
            _one("now", _MOMENT),
            _one("of_activity", Uuid),
            _list("user_ids", Uuid),
            _list("read", _MOMENT),
        ),
        include_defaults=False,
    )
    .on_conflict_do_nothing()
    .add_cte(_LINKED)
)
