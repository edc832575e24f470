from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.activities.models import Activity, ActivityKind, Link
from app.core.entities import EntityRef, entity_types
from tenants.context import current_actor
from tenants.db import db, new_id


def record(kind: ActivityKind, *, body: str, about: EntityRef, at: datetime) -> UUID:
    """Write down what happened with a record; it belongs to its neighbours too, as a contact's present
    employers.
    """
    activity = Activity(id=new_id(), kind=kind, at=at, body=body, author_id=current_actor().user_id)
    db.session.add(activity)
    db.session.flush()
    for ref in (about, *_neighbours(about)):
        db.session.add(Link(activity_id=activity.id, kind=ref.type, record_id=ref.id, at=at))
    db.session.flush()
    return activity.id


def rewrite(activity: Activity, *, body: str) -> None:
    activity.body = body


def _neighbours(about: EntityRef) -> set[EntityRef]:
    entity = entity_types.named(about.type)
    found = {ref for extension in entity_types.extensions(entity) for ref in extension.neighbours(about.type, about.id)}
    return found - {about}
