from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import url_for
from flask.typing import ResponseReturnValue

from app.core import access, records
from app.core.entities import EntityRef, entity_types
from app.core.web import Room
from app.following import actions
from tenants.context import current_actor

bp = Room("following", __name__)


# A form without JavaScript can only POST.
@bp.route("/follows/<entity>/<uuid:record_id>", methods=["PUT", "POST"], allow="following.write")
def follow(entity: str, record_id: UUID) -> ResponseReturnValue:
    about, user_id = _readable(entity, record_id), current_actor().user_id
    if user_id is not None:
        actions.follow(about, user_id=user_id)
    return _to_record(about)


@bp.delete("/follows/<entity>/<uuid:record_id>", allow="following.write")
@bp.post("/follows/<entity>/<uuid:record_id>/end", allow="following.write", endpoint="end")
def unfollow(entity: str, record_id: UUID) -> ResponseReturnValue:
    about, user_id = _readable(entity, record_id), current_actor().user_id
    if user_id is not None:
        actions.unfollow(about, user_id=user_id)
    return _to_record(about)


def _readable(entity: str, record_id: UUID) -> EntityRef:
    """Raises UnknownEntity, PermissionMissing, NotFound."""
    kind = entity_types.named(entity)
    access.require(kind.may("read"))
    records.load(kind.model, record_id)
    return kind.ref(record_id)


def _to_record(about: EntityRef) -> ResponseReturnValue:
    page = url_for(entity_types.named(about.type).endpoint, record_id=about.id)
    return flask.redirect(page, HTTPStatus.SEE_OTHER)
