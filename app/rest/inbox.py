"""What the user of a token has been told, and that it was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.core.resources import Shown
from app.notifications import actions, queries, telling
from app.notifications.models import Event, Notification
from app.rest import answers, listing
from app.rest.interface import Interface, Told
from app.users import queries as users
from tenants import clock
from tenants.context import current_actor

_ADDRESS = "/notifications/<uuid:record_id>"
_TAGS = ["notifications"]


class NotificationSchema(Schema):
    id = fields.UUID(required=True)
    at = fields.DateTime(required=True)
    kind = fields.String(required=True, metadata={"description": _l("Of the record.")})
    record_id = fields.UUID(required=True)
    title = fields.String(required=True, metadata={"description": _l("What the record was called then.")})
    event = fields.String(required=True, validate=validate.OneOf([event.value for event in Event]))
    level = fields.Integer(required=True, metadata={"description": _l("How far it has gone up; 0: nothing is late.")})
    headline = fields.String(required=True)
    sentence = fields.String(required=True, metadata={"description": _l("In the language of the user.")})
    rule = fields.String(required=True)
    actor_id = fields.UUID(required=True, allow_none=True, metadata={"description": _l("The user who did it.")})
    read_at = fields.DateTime(required=True, allow_none=True)


class NotificationPage(Schema):
    items = fields.List(fields.Nested(NotificationSchema), required=True)
    next = fields.String(
        required=True, allow_none=True, metadata={"description": _l("Cursor of the next page; null on the last.")}
    )


class InboxQuery(Schema):
    page_size = fields.Integer(load_default=queries.PAGE, validate=validate.Range(min=1, max=200))
    cursor = fields.String(load_default=None)
    state = fields.String(load_default="all", validate=validate.OneOf(["all", "unread"]))


def add(bp: Interface) -> None:
    _list(bp)
    _show(bp)
    _read(bp)


def _list(bp: Interface) -> None:
    told = Told(summary=_l("List"), query=InboxQuery, answer=NotificationPage)

    @bp.get("/notifications", allow="notifications.read", endpoint="notifications_list", tags=_TAGS, told=told)
    def view(asked: dict[str, Any]) -> Response:
        limit, of = asked["page_size"], ["notifications", asked["state"]]
        before = UUID(listing.opened(asked["cursor"], of=of)) if asked["cursor"] else None
        chosen = queries.mine_unread if asked["state"] == "unread" else queries.mine
        found = chosen(_me(), before=before, limit=limit)
        following = listing.signer().dumps([*of, str(found[limit - 1].id)]) if len(found) > limit else None
        return answers.listed(_shown(found[:limit]), following)


def _show(bp: Interface) -> None:
    told = Told(summary=_l("Read"), answer=NotificationSchema)

    @bp.get(_ADDRESS, allow="notifications.read", endpoint="notifications_show", tags=_TAGS, told=told)
    def view(record_id: UUID) -> Response:
        return answers.alone(_shown([queries.notification(record_id, of=current_actor().user_id)])[0])


def _read(bp: Interface) -> None:
    told = Told(summary=_l("Mark as read"), answer=NotificationSchema)

    @bp.put(f"{_ADDRESS}/read", allow="notifications.mark", endpoint="notifications_read", tags=_TAGS, told=told)
    def view(record_id: UUID) -> Response:
        found = queries.notification(record_id, of=current_actor().user_id)
        actions.read(found, at=clock.now())
        return answers.alone(_shown([found])[0])


def _me() -> UUID:
    """Nobody's inbox is empty."""
    return current_actor().user_id or UUID(int=0)


def _shown(found: Sequence[Notification]) -> list[Shown]:
    names = users.names({one.actor_id for one in found if one.actor_id})
    return [_one(one, telling.say(one, names)) for one in found]


def _one(one: Notification, said: telling.Said) -> Shown:
    return {
        "id": one.id,
        "at": one.at,
        "kind": one.subject,
        "record_id": one.record_id,
        "title": said.title,
        "event": one.event.value,
        "level": one.level,
        "headline": said.headline,
        "sentence": said.sentence,
        "rule": said.rule,
        "actor_id": one.actor_id,
        "read_at": one.read_at,
    }
