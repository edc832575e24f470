"""The feed of changes: whatever happened to what the interface shows, in the order in which it was taken up, without
gaps; who follows it keeps a cursor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import Row

from app.core.resources import Shown
from app.rest import answers, listing
from app.rest.interface import Interface, Told
from tenants import routing

OPERATIONS = {"I": "insert", "U": "update", "D": "delete"}


class ChangeSchema(Schema):
    id = fields.UUID(required=True)
    at = fields.DateTime(required=True)
    table = fields.String(required=True, metadata={"description": _l("As the collection is called.")})
    record_id = fields.UUID(required=True)
    op = fields.String(required=True, validate=validate.OneOf(list(OPERATIONS.values())))
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


class _Asked(Schema):
    page_size = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1000))
    cursor = fields.String(load_default=None)


def add(bp: Interface, tables: Sequence[str]) -> None:
    asked_schema = type(
        "FeedQuery", (_Asked,), {"table": fields.String(load_default=None, validate=validate.OneOf(tables))}
    )

    told = Told(summary=_l("Follow"), query=asked_schema, answer=FeedSchema)

    @bp.get("/changes", allow="changes.export", endpoint="changes_list", tags=["changes"], told=told)
    def view(asked: dict[str, Any]) -> Response:
        chosen = [asked["table"]] if asked["table"] else tables
        found, behind = routing.after(_position(asked["cursor"]), tables=chosen, limit=asked["page_size"])
        return answers.listed([_shown(row) for row in found], _cursor(behind))


def _shown(row: Row[Any]) -> Shown:
    return {
        "id": row.id,
        "at": row.at,
        "table": row.table_name,
        "record_id": row.record_id,
        "op": OPERATIONS[row.op],
        "old": row.old,
        "new": row.new,
        "actor_id": row.actor,
        "source": row.source,
        "request": row.request,
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
