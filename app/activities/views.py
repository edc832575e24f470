from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.activities import actions, pages, queries
from app.activities.models import Activity
from app.core import access, frame, records
from app.core.entities import entity_types
from app.core.features import features
from app.core.pages import Kept, page_that_kept
from app.core.web import Room
from app.users import queries as users
from tenants import clock
from tenants.context import current_actor

bp = Room("activities", __name__)


@bp.post("/activities/<entity>/<uuid:record_id>", allow="activities.write")
def capture(entity: str, record_id: UUID) -> ResponseReturnValue:
    kind = entity_types.named(entity)
    records.load(kind.model, record_id)
    about, chosen = kind.ref(record_id), request.form.get("kind")
    keep = next((one for one in features.capture_kinds() if one.value == chosen), None)
    if keep is None:
        errors = {"kind": [gettext("Please choose one of the entries.")]}
    else:
        access.require(keep.permission)
        errors = dict(keep.keep(about))
    if errors:
        return page_that_kept(Kept(values=request.form.to_dict(), errors=errors), about=about)
    return flask.redirect(url_for(kind.endpoint, record_id=record_id), HTTPStatus.SEE_OTHER)


@bp.get("/activities/<uuid:activity_id>/edit", allow="activities.write")
def edit(activity_id: UUID) -> ResponseReturnValue:
    activity = queries.activity(activity_id)
    return pages.edit_page(activity, pages.FORM.show(activity))


@bp.post("/activities/<uuid:activity_id>/edit", allow="activities.write")
def save(activity_id: UUID) -> ResponseReturnValue:
    activity, entered = pages.FORM.receive(activity_id)
    if not entered.is_accepted:
        return pages.edit_page(activity, entered), entered.status
    actions.rewrite(activity, body=entered.values["text"])
    return flask.redirect(pages.subject_url(activity_id), HTTPStatus.SEE_OTHER)


@bp.post("/activities/<uuid:activity_id>/delete", allow="activities.delete")
def delete(activity_id: UUID) -> ResponseReturnValue:
    records.discard(queries.activity(activity_id))
    frame.notify(gettext("The entry is deleted."), undo_url=url_for("activities.restore", activity_id=activity_id))
    return flask.redirect(pages.subject_url(activity_id), HTTPStatus.SEE_OTHER)


@bp.post("/activities/<uuid:activity_id>/restore", allow="activities.delete")
def restore(activity_id: UUID) -> ResponseReturnValue:
    records.take_back(Activity, activity_id)
    return flask.redirect(pages.subject_url(activity_id), HTTPStatus.SEE_OTHER)


@bp.get("/activities/<uuid:activity_id>/links", allow="activities.write")
def links(activity_id: UUID) -> ResponseReturnValue:
    words = request.args.get("q", "").replace("\0", "").strip()[:100]
    return pages.links_page(queries.activity(activity_id), words)


@bp.post("/activities/<uuid:activity_id>/links/<entity>/<uuid:record_id>", allow="activities.write")
def attach(activity_id: UUID, entity: str, record_id: UUID) -> ResponseReturnValue:
    kind = entity_types.named(entity)
    access.require(kind.may("read"))
    records.load(kind.model, record_id)
    actions.attach(queries.activity(activity_id), to=kind.ref(record_id))
    return flask.redirect(url_for("activities.links", activity_id=activity_id), HTTPStatus.SEE_OTHER)


@bp.post("/activities/<uuid:activity_id>/links/<entity>/<uuid:record_id>/delete", allow="activities.write")
def detach(activity_id: UUID, entity: str, record_id: UUID) -> ResponseReturnValue:
    entity_types.named(entity)
    actions.detach(queries.activity(activity_id), from_record=record_id)
    return flask.redirect(url_for("activities.links", activity_id=activity_id), HTTPStatus.SEE_OTHER)


@bp.get("/mentions", allow="activities.read")
def mentions() -> ResponseReturnValue:
    return pages.mentions_page(before=request.args.get("before", type=UUID))


@bp.get("/mentions/people", allow="activities.write")
def people() -> ResponseReturnValue:
    """Whom a text may name."""
    return render_template("core/suggested.html", labels=[name for _, name in users.offered()])


@bp.post("/mentions/<uuid:mention_id>/open", allow="activities.write")
def open_mention(mention_id: UUID) -> ResponseReturnValue:
    mention = queries.mention(mention_id, of=current_actor().user_id)
    actions.read(mention, at=clock.now())
    return flask.redirect(pages.subject_url(mention.activity_id), HTTPStatus.SEE_OTHER)


@bp.post("/mentions/read", allow="activities.write")
def read_mentions() -> ResponseReturnValue:
    user_id = current_actor().user_id
    if user_id is not None:
        actions.read_all(user_id, at=clock.now())
    return flask.redirect(url_for("activities.mentions"), HTTPStatus.SEE_OTHER)
