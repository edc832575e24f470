from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.core import access, filtering, lists, showing
from app.core.entities import EntityType, entity_types
from app.core.listing import SORTS
from app.views import queries
from app.views.models import ListHabit, SavedView
from tenants import clock
from tenants.context import current_actor
from tenants.db import db, new_id
from tenants.errors import Invalid, NotAllowed

_LONGEST = 200
"""Characters of what is kept of an address beside a condition."""


class TooManyViews(Invalid):
    """This list has 100 views already. Please delete one before you save another."""

    code = "too_many_views"


class NobodysView(NotAllowed):
    """Only a user can keep a view."""

    code = "nobodys_view"


def keep(entity: EntityType, *, name: str, address: Mapping[str, str], shared: bool) -> SavedView:
    """Raises TooManyViews, UnreadableCondition; PermissionMissing where it shall be everybody's."""
    if shared:
        access.require("views.share")
    if queries.seen(entity) >= queries.MOST:
        raise TooManyViews
    kept = SavedView(
        id=new_id(), entity=entity.name, name=name, owner_id=_me(), shared=shared, address=essence(entity, address)
    )
    db.session.add(kept)
    db.session.flush()
    queries.forget_kept(everybodys=shared)
    return kept


def change(view: SavedView, *, name: str, shared: bool) -> None:
    """Raises PermissionMissing where it shall be everybody's, or is."""
    if shared or view.shared:
        access.require("views.share")
    view.name, view.shared = name, shared


def replace(view: SavedView, address: Mapping[str, str]) -> None:
    """From now on it shows this. Raises UnreadableCondition."""
    view.address = essence(entity_types.named(view.entity), address)


def come_first(entity: EntityType, view_id: UUID | None) -> None:
    """What the actor sees of a list unless something else is asked for; None: everything."""
    _keep_habit(entity, {"view_id": view_id})


def choose_columns(entity: EntityType, names: Sequence[str]) -> None:
    """What the actor sees of every row; none: as the list has it."""
    _keep_habit(entity, {"columns": list(names)})


def essence(entity: EntityType, address: Mapping[str, str]) -> dict[str, str]:
    """What an address shows, without where somebody is in it.

    Raises UnreadableCondition.
    """
    narrowed = filtering.asked(entity, address)
    sort, columns = address.get("sort", ""), showing.read(entity, address.get(lists.COLUMNS, ""))
    found = {
        **{name: value for name, value in narrowed.items() if name == filtering.WHERE or len(value) <= _LONGEST},
        "q": address.get("q", "")[:100].replace("\0", ""),
        "sort": sort if sort in SORTS and sort != "name" else "",
        lists.COLUMNS: ",".join(columns),
    }
    return {name: value for name, value in found.items() if value}


def _keep_habit(entity: EntityType, values: Mapping[str, object]) -> None:
    now = clock.now()
    row = {
        "id": new_id(),
        "created_at": now,
        "updated_at": now,
        "version": 1,
        "user_id": _me(),
        "entity": entity.name,
        "columns": [],
        **values,
    }
    kept = insert(ListHabit).values(row)
    again = {**values, "updated_at": now, "version": ListHabit.version + 1}
    statement = kept.on_conflict_do_update(index_elements=[ListHabit.user_id, ListHabit.entity], set_=again)
    db.session.execute(statement.execution_options(synchronize_session=False))
    queries.forget_kept(everybodys=False)


def _me() -> UUID:
    """Raises NobodysView."""
    user_id = current_actor().user_id
    if user_id is None:
        raise NobodysView
    return user_id
