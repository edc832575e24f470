from __future__ import annotations

import io
from http import HTTPStatus
from typing import IO, Any
from uuid import UUID

import flask
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import access, errors, frame
from app.core.entities import EntityType, UnknownEntity, entity_types
from app.core.web import Room
from app.imports import actions, mapping, pages, queries, reading, refused
from app.imports.actions import ColumnsMissing
from app.imports.models import Choice, Import, StillBeingRead, Way
from tenants import quotas
from tenants.errors import Invalid

bp = Room("imports", __name__)


@bp.url_value_preprocessor
def _let_large_lists_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Of whom nobody knows little is read all the same (app/core/body_limits.py)."""
    if endpoint == "imports.upload":
        request.max_content_length = reading.MOST_BYTES + (1 << 20)


@bp.get("/imports", allow="imports.read")
def index() -> ResponseReturnValue:
    return pages.list_page(before=request.args.get("before", type=UUID))


@bp.get("/imports/new", allow="imports.write")
def start() -> ResponseReturnValue:
    return pages.upload_page(_writable(request.args.get("entity", "contact")))


@bp.post("/imports/new", allow="imports.write")
def upload() -> ResponseReturnValue:
    entity = _writable(request.form.get("entity", ""))
    try:
        stream, name = _sent()
        one = actions.take_in(entity, stream, name=name)
    except (Invalid, *quotas.UPLOAD_REFUSED) as refusal:
        return pages.upload_page(entity, error=errors.say(refusal)), errors.status_of(refusal)
    return _to(one)


@bp.get("/imports/<uuid:import_id>", allow="imports.read")
def show(import_id: UUID) -> ResponseReturnValue:
    one = queries.import_(import_id)
    return pages.page_of(_entity(one.entity), one, after=request.args.get("after", 0, type=int))


@bp.post("/imports/<uuid:import_id>/columns", allow="imports.write")
def choose(import_id: UUID) -> ResponseReturnValue:
    one = queries.import_to_change(import_id)
    one.choose(_choice(_writable(one.entity), one))
    return flask.redirect(url_for("imports.show", import_id=one.id, _anchor="preview"), HTTPStatus.SEE_OTHER)


@bp.post("/imports/<uuid:import_id>/start", allow="imports.write")
def launch(import_id: UUID) -> ResponseReturnValue:
    one = queries.import_to_change(import_id)
    entity = _writable(one.entity)
    try:
        actions.launch(entity, one, _choice(entity, one))
    except ColumnsMissing as refusal:
        return pages.page_of(entity, one), errors.status_of(refusal)
    except StillBeingRead as refusal:
        return pages.page_of(entity, one, error=errors.say(refusal)), errors.status_of(refusal)
    return _to(one)


@bp.post("/imports/<uuid:import_id>/sheet", allow="imports.write")
def take_sheet(import_id: UUID) -> ResponseReturnValue:
    one = queries.import_to_change(import_id)
    entity = _writable(one.entity)
    try:
        actions.take_sheet(one, request.form.get("sheet", ""))
    except Invalid as refusal:
        return pages.page_of(entity, one, error=errors.say(refusal)), errors.status_of(refusal)
    return _to(one)


@bp.post("/imports/<uuid:import_id>/cancel", allow="imports.write")
def cancel(import_id: UUID) -> ResponseReturnValue:
    one = queries.import_to_change(import_id)
    actions.cancel(one)
    frame.notify(gettext("The import is cancelled."))
    return _to(one)


@bp.post("/imports/<uuid:import_id>/undo", allow="imports.write")
def undo(import_id: UUID) -> ResponseReturnValue:
    one = queries.import_to_change(import_id)
    access.require(_writable(one.entity).may("delete"))
    actions.undo(one)
    return _to(one)


@bp.get("/imports/<uuid:import_id>/refused.csv", allow="imports.read")
def refused_rows(import_id: UUID) -> ResponseReturnValue:
    one = queries.import_(import_id)
    name = gettext("refused-rows.csv")
    out = refused.written(_entity(one.entity), one)
    return flask.send_file(out, "text/csv; charset=utf-8", as_attachment=True, download_name=name, max_age=0)


def _sent() -> tuple[IO[bytes], str]:
    """The file that was chosen, or else the rows that were pasted; those have no name."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return file.stream, file.filename
    pasted = request.form.get("rows", "")
    if not pasted.strip():
        raise reading.NothingInIt(gettext("Please choose a file or paste some rows."))
    return io.BytesIO(pasted.encode("utf-8", "ignore")), ""


def _entity(name: str) -> EntityType:
    """Raises UnknownEntity, also where such records cannot be imported."""
    entity = entity_types.named(name)
    if entity.create is None:
        raise UnknownEntity
    access.require(entity.may("read"))
    return entity


def _writable(name: str) -> EntityType:
    """Raises UnknownEntity, PermissionMissing."""
    entity = _entity(name)
    access.require(entity.may("write"))
    return entity


def _choice(entity: EntityType, one: Import) -> Choice:
    columns = mapping.chosen(entity, request.form.getlist("column"), width=len(one.mapping))
    return Choice(mapping=columns, way=_way(), takes_shared=bool(request.form.get("shared")))


def _way() -> Way:
    sent = request.form.get("way", "")
    return Way(sent) if sent in set(Way) else Way.NEW


def _to(one: Import) -> ResponseReturnValue:
    return flask.redirect(url_for("imports.show", import_id=one.id), HTTPStatus.SEE_OTHER)
