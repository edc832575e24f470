from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, literal, or_, select

from app.core import access, keys, records
from app.core.entities import EntityType
from app.core.features import Kept
from app.views.models import ListHabit, SavedView
from tenants import cache
from tenants.context import current_actor
from tenants.db import db, rows
from tenants.errors import NotFound

_A_MINUTE = timedelta(minutes=1)

MOST = 100
"""Views of one list that somebody can choose from."""


@dataclass(frozen=True, slots=True)
class KnownView:
    """A view as a list offers it."""

    id: UUID
    name: str
    shared: bool
    is_mine: bool
    address: dict[str, str]
    comes_first: bool


def kept(entity: EntityType) -> Kept:
    """Views of a list that the actor may see, by name, and how the actor looks at it."""
    return cache.remember_mine(f"views of {entity.name}", lambda: _kept(entity), for_=_A_MINUTE)


def forget_kept(*, everybodys: bool) -> None:
    """What the actor sees of a list has changed, or what everybody does."""
    user_id = current_actor().user_id
    if everybodys or user_id is None:
        cache.forget_together()
    else:
        cache.forget_of([user_id])


def _kept(entity: EntityType) -> Kept:
    found = rows(_KEPT, {"entity": entity.name, "user_id": current_actor().user_id})
    views = sorted((_known(row) for row in found if row.id is not None), key=lambda v: (keys.plain(v.name), v.id))
    first = next((view for view in views if view.comes_first), None)
    return Kept(
        address={**first.address, "view": str(first.id)} if first else {},
        columns=tuple(found[0].columns or ()),
        views=views,
    )


def seen(entity: EntityType) -> int:
    """How many views of a list the actor can choose from."""
    return len(kept(entity).views)


def view_to_change(view_id: UUID) -> SavedView:
    """Locked until the end of the request; once that is saved, lists show what has become of it.

    Raises NotFound, also where it is another user's own; PermissionMissing where it is everybody's and the actor may
    not share.
    """
    found = db.session.scalar(access.visible(SavedView).where(SavedView.id == view_id, _seen()).with_for_update())
    if found is None:
        raise NotFound
    _require_changeable(found)
    forget_kept(everybodys=True)
    return found


def changeable_view(view_id: UUID) -> SavedView:
    """The same, only to be looked at.

    Raises NotFound, PermissionMissing.
    """
    found = view(view_id)
    _require_changeable(found)
    return found


def _require_changeable(view: SavedView) -> None:
    if view.shared:
        access.require("views.share")


def view(view_id: UUID) -> SavedView:
    """One that the actor may see. Raises NotFound."""
    found = records.load(SavedView, view_id)
    if not found.shared and found.owner_id != current_actor().user_id:
        raise NotFound
    return found


def deleted_view(view_id: UUID) -> SavedView:
    """One in the recycle bin that the actor may take back, with which lists show it again.

    Raises NotFound, PermissionMissing.
    """
    found = db.session.get(SavedView, view_id)
    if found is None or (not found.shared and found.owner_id != current_actor().user_id):
        raise NotFound
    if found.shared:
        access.require("views.share")
    forget_kept(everybodys=found.shared)
    return found


def may_change(view: KnownView) -> bool:
    return access.may("views.write") and (access.may("views.share") if view.shared else view.is_mine)


def _seen() -> Any:
    return or_(SavedView.shared, SavedView.owner_id == current_actor().user_id)


def _known(row: Row[Any]) -> KnownView:
    return KnownView(row.id, row.name, row.shared, row.is_mine, row.address, row.id == row.view_id)


def _asking() -> Select[Any]:
    me: Any = bindparam("user_id")
    of: Any = bindparam("entity")
    one = select(literal(1).label("one")).subquery()
    mine = and_(ListHabit.user_id == me, ListHabit.entity == of)
    offered = and_(
        SavedView.entity == of, SavedView.deleted_at.is_(None), or_(SavedView.shared, SavedView.owner_id == me)
    )
    is_mine = (SavedView.owner_id == me).label("is_mine")
    told: Sequence[Any] = (SavedView.id, SavedView.name, SavedView.shared, SavedView.address, is_mine)
    statement = select(ListHabit.columns, ListHabit.view_id, *told).select_from(one)
    return statement.outerjoin(ListHabit, mine).outerjoin(SavedView, offered).limit(MOST)


# Built once.
_KEPT = _asking()
