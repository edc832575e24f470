"""The feed of changes: whatever happened to what the interface shows, in the order in which it was taken up, without
gaps; who follows it keeps a cursor.
"""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate

from app.core.resources import Shown
from app.rest import answers, listing
from app.rest.interface import Interface, Told
from app.rest.journal import Change, Happened, Journal
from tenants import routing


class ChangeSchema(Schema):
    id = fields.UUID(required=True)
    at = fields.DateTime(required=True)
    kind = fields.String(required=True, metadata={"description": _l("Of the record.")})
    record_id = fields.UUID(required=True)
    event = fields.String(required=True, validate=validate.OneOf([event.value for event in Happened]))
    changed = fields.List(
        fields.String(),
        required=True,
        metadata={"description": _l("Fields, and collections that belong to the record, as “points”.")},
    )
    old = fields.Dict(required=True, allow_none=True)
    new = fields.Dict(required=True, allow_none=True)
    actor_id = fields.UUID(required=True, allow_none=True, metadata={"description": _l("The user who did it.")})
    source = fields.String(required=True, allow_none=True, metadata={"description": "web, api, import, …"})
    request = fields.String(required=True, allow_none=True)


class FeedSchema(Schema):
    items = fields.List(fields.Nested(ChangeSchema), required=True)
    next = fields.String(
        required=True,
        metadata={
            "description": _l(
                "Cursor behind the last of these: ask with it later for what has happened since. When it has become too"
                " old, the answer is 410."
            )
        },
    )
    more = fields.Boolean(
        required=True, metadata={"description": _l("Whether further changes are there already: please ask on at once.")}
    )


class _Asked(Schema):
    page_size = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1000))
    cursor = fields.String(load_default=None)


def add(bp: Interface, journal: Journal) -> None:
    kind = fields.String(
        load_default=None,
        validate=validate.OneOf(journal.kinds),
        metadata={"description": _l("Of the records; a page then may hold fewer changes, or none.")},
    )
    asked_schema = type("FeedQuery", (_Asked,), {"kind": kind})

    told = Told(summary=_l("Follow"), query=asked_schema, answer=FeedSchema)

    @bp.get("/changes", allow="changes.export", endpoint="changes_list", tags=["changes"], told=told)
    def view(asked: dict[str, Any]) -> Response:
        limit, tables = asked["page_size"], journal.tables(asked["kind"])
        found, behind = routing.after(_position(asked["cursor"]), tables=tables, limit=limit)
        items = [_shown(one) for one in journal.told(found) if asked["kind"] in (None, one.kind)]
        return answers.alone({"items": items, "next": _cursor(behind), "more": len(found) == limit})


def _shown(told: Change) -> Shown:
    return {
        "id": told.change.id,
        "at": told.change.at,
        "kind": told.kind,
        "record_id": told.record_id,
        "event": told.event,
        "changed": told.changed,
        "old": told.old,
        "new": told.new,
        "actor_id": told.change.actor,
        "source": told.change.source,
        "request": told.change.request,
    }


def _cursor(position: int) -> str:
    return str(listing.signer().dumps(["changes", position]))


def _position(cursor: str | None) -> int | None:
    if not cursor:
        return None
    try:
        return int(listing.opened(cursor, of=["changes"]))
    except ValueError as error:
        raise ValidationError({"cursor": [gettext("This cursor is not of this list in this order.")]}) from error
