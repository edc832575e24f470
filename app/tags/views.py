from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext, ngettext

from app.core import access, editing, forms, frame, records
from app.core.editing import EditForm, Entered
from app.core.entities import EntityType, entity_types
from app.core.forms import Form, Section
from app.core.web import Room
from app.tags import actions, queries
from app.tags.schemas import NAME, SCHEMA

bp = Room("tags", __name__)

FORM = EditForm(load=queries.tag_to_change, schema=SCHEMA, texts=lambda tag: {"name": tag.name})


@bp.get("/tags", allow="tags.read")
def index() -> ResponseReturnValue:
    tags = [(tag, _records(tag.records), editing.kept({"name": tag.name})) for tag in queries.counted()]
    return render_template("tags/index.html", tags=tags)


@bp.post("/tags/<uuid:tag_id>/name", allow="tags.write")
def rename(tag_id: UUID) -> ResponseReturnValue:
    tag, entered = FORM.receive(tag_id)
    if not entered.is_accepted:
        return _rename_page(entered), entered.status
    before, kept = tag.name, actions.rename(tag, entered.values["name"])
    if kept.id != tag_id:
        said = gettext("“%(tag)s” is merged with “%(other)s”.", tag=before, other=kept.name)
        frame.notify(said, undo_url=url_for("tags.restore", tag_id=tag_id))
    return _to_index()


@bp.post("/tags/<uuid:tag_id>/delete", allow="tags.delete")
def delete(tag_id: UUID) -> ResponseReturnValue:
    tag = queries.tag(tag_id)
    actions.delete(tag)
    undo_url = url_for("tags.restore", tag_id=tag_id)
    frame.notify(gettext("The tag “%(tag)s” is deleted.", tag=tag.name), undo_url=undo_url)
    return _to_index()


@bp.post("/tags/<uuid:tag_id>/restore", allow="tags.write")
def restore(tag_id: UUID) -> ResponseReturnValue:
    actions.take_back(queries.any_tag(tag_id))
    return _to_index()


@bp.post("/tags/on/<entity>/<uuid:record_id>", allow="tags.write")
def add(entity: str, record_id: UUID) -> ResponseReturnValue:
    kind = _writable(entity, record_id)
    name = _name()
    if name is not None:
        actions.add(actions.find_or_add(name), kind, [record_id])
    return _to_record(kind, record_id)


@bp.post("/tags/on/<entity>/<uuid:record_id>/<uuid:tag_id>/remove", allow="tags.write")
def remove(entity: str, record_id: UUID, tag_id: UUID) -> ResponseReturnValue:
    kind = _writable(entity, record_id)
    actions.remove(queries.tag(tag_id), [record_id])
    return _to_record(kind, record_id)


def _rename_page(entered: Entered) -> str:
    back = url_for("tags.index")
    form = Form(
        title=gettext("Rename the tag"),
        action_url=request.path,
        submit_label=gettext("Rename"),
        cancel_url=back,
        crumbs=[(gettext("Tags"), back)],
        errors=entered.summary,
        sections=[Section(title=None, fields=entered.shown((NAME,)))],
        hidden=entered.hidden,
    )
    return render_template("core/form.html", form=form)


def _records(count: int) -> str:
    return ngettext("%(count)s record", "%(count)s records", count, count=format_decimal(count))


def _name() -> str | None:
    """What was typed; where it does not fit, the next page says so."""
    values, errors = forms.read(SCHEMA)
    if errors:
        frame.notify(gettext("A tag needs a name of at most 40 characters."))
        return None
    name: str = values["name"]
    return name


def _writable(entity: str, record_id: UUID) -> EntityType:
    """Raises UnknownEntity, PermissionMissing, NotFound."""
    kind = entity_types.named(entity)
    access.require(kind.may("write"))
    records.load(kind.model, record_id)
    return kind


def _to_index() -> ResponseReturnValue:
    return flask.redirect(url_for("tags.index"), HTTPStatus.SEE_OTHER)


def _to_record(kind: EntityType, record_id: UUID) -> ResponseReturnValue:
    return flask.redirect(url_for(kind.endpoint, record_id=record_id), HTTPStatus.SEE_OTHER)
