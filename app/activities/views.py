from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.activities import actions, queries
from app.activities.models import Activity
from app.activities.schemas import BODY, BODY_SCHEMA, SCHEMA
from app.core import forms, frame, records
from app.core.entities import entity_types
from app.core.forms import Errors, Form, FormField, Section
from app.core.web import Room
from tenants import clock

bp = Room("activities", __name__)


@bp.post("/activities/<entity>/<uuid:record_id>", allow="activities.write")
def capture(entity: str, record_id: UUID) -> ResponseReturnValue:
    kind = entity_types.named(entity)
    records.load(kind.model, record_id)
    values, errors = forms.read(SCHEMA)
    if errors:
        # The record's own page shows the box; what was written comes back with it.
        frame.notify(gettext("Please write down what happened."))
    else:
        actions.record(values["kind"], body=values["text"], about=kind.ref(record_id), at=clock.now())
    return flask.redirect(url_for(kind.endpoint, record_id=record_id), HTTPStatus.SEE_OTHER)


@bp.get("/activities/<uuid:activity_id>/edit", allow="activities.write")
def edit(activity_id: UUID) -> ResponseReturnValue:
    activity = queries.activity(activity_id)
    return _page(activity, {"text": activity.body}, {})


@bp.post("/activities/<uuid:activity_id>/edit", allow="activities.write")
def save(activity_id: UUID) -> ResponseReturnValue:
    values, errors = forms.read(BODY_SCHEMA)
    if errors:
        return _page(queries.activity(activity_id), values, errors), HTTPStatus.UNPROCESSABLE_ENTITY
    activity = records.load_to_edit(Activity, activity_id, version=request.form.get("version", ""))
    actions.rewrite(activity, body=values["text"])
    return flask.redirect(_subject_url(activity_id), HTTPStatus.SEE_OTHER)


@bp.post("/activities/<uuid:activity_id>/delete", allow="activities.delete")
def delete(activity_id: UUID) -> ResponseReturnValue:
    records.discard(queries.activity(activity_id))
    frame.notify(gettext("The entry is deleted."), undo_url=url_for("activities.restore", activity_id=activity_id))
    return flask.redirect(_subject_url(activity_id), HTTPStatus.SEE_OTHER)


@bp.post("/activities/<uuid:activity_id>/restore", allow="activities.delete")
def restore(activity_id: UUID) -> ResponseReturnValue:
    records.take_back(Activity, activity_id)
    return flask.redirect(_subject_url(activity_id), HTTPStatus.SEE_OTHER)


def _subject_url(activity_id: UUID) -> str:
    link = queries.first_subject(activity_id)
    return url_for(entity_types.named(link.kind).endpoint, record_id=link.record_id)


def _page(activity: Activity, values: dict[str, str], errors: Errors) -> str:
    version = FormField(name="version", label="", kind="hidden", value=str(activity.version))
    form = Form(
        title=gettext("Edit entry"),
        action_url=request.path,
        submit_label=gettext("Save changes"),
        cancel_url=_subject_url(activity.id),
        errors=forms.summary(bool(errors)),
        sections=[Section(title=None, fields=[*forms.shown((BODY,), values, errors), version])],
    )
    return render_template("core/form.html", form=form)
