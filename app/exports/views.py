from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, format_decimal, ngettext

from app.core import access, errors, frame, listing, lists, showing
from app.core.entities import EntityType, entity_types
from app.core.web import Room
from app.exports import actions, queries
from app.exports.models import Export, ExportFormat, ExportState
from tenants import files
from tenants.errors import Invalid, NotFound

bp = Room("exports", __name__)

_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("/exports", allow="exports.export")
def index() -> ResponseReturnValue:
    before = request.args.get("before", type=UUID)
    found, behind = queries.latest(before=before)
    told = [(export, _name(export), _rows(export.total), author) for export, author in found]
    next_url = url_for("exports.index", before=behind) if behind else None
    previous_url = url_for("exports.index") if before else None
    return render_template("exports/index.html", told=told, next_url=next_url, previous_url=previous_url)


@bp.get("/exports/new", allow="exports.export")
def start() -> ResponseReturnValue:
    entity = _entity(request.args.get("entity", "contact"))
    asked = {name: value for name, value in request.args.items() if name != "entity"}
    wanted = lists.asked(entity, asked)
    total = listing.count(entity, wanted, most=actions.MOST)
    headings = [str(column.label) for column in showing.columns(entity, wanted.columns)]
    back_url = f"{url_for(entity.list_endpoint)}?{urlencode(asked)}"
    return render_template(
        "exports/new.html",
        entity=entity,
        query=urlencode(asked),
        rows=_rows(total),
        headings=headings,
        back_url=back_url,
    )


@bp.post("/exports", allow="exports.export")
def create() -> ResponseReturnValue:
    entity = _entity(request.form.get("entity", ""))
    query = lists.asked(entity, dict(parse_qsl(request.form.get("query", ""))))
    wanted = request.form.get("format", ExportFormat.CSV, type=ExportFormat)
    try:
        export = actions.begin(entity, query, format=wanted)
    except Invalid as refusal:
        frame.notify(errors.say(refusal))
        return flask.redirect(url_for(entity.list_endpoint), HTTPStatus.SEE_OTHER)
    out = actions.hand_out(export)
    if out is None:
        return flask.redirect(url_for("exports.show", export_id=export.id), HTTPStatus.SEE_OTHER)
    return flask.send_file(out, _TYPES[wanted], as_attachment=True, download_name=_name(export), max_age=0)


@bp.get("/exports/<uuid:export_id>", allow="exports.export")
def show(export_id: UUID) -> ResponseReturnValue:
    export = queries.export(export_id)
    return render_template("exports/show.html", export=export, name=_name(export), rows=_rows(export.total))


@bp.get("/exports/<uuid:export_id>/file", allow="exports.export")
def download(export_id: UUID) -> ResponseReturnValue:
    export = queries.export(export_id)
    _entity(export.entity)
    if export.file_id is None or export.state is ExportState.REMOVED:
        raise NotFound
    path = files.path_of(export.file_id)
    name = _name(export)
    return flask.send_file(path, _TYPES[export.format], as_attachment=True, download_name=name, max_age=0)


def _entity(name: str) -> EntityType:
    """Raises UnknownEntity, PermissionMissing."""
    entity = entity_types.named(name)
    access.require(entity.may("export"))
    return entity


def _name(export: Export) -> str:
    """Of the file, in the language of what is in it."""
    with force_locale(export.locale):
        return f"{entity_types.named(export.entity).plural}.{export.format}"


def _rows(total: int) -> str:
    return ngettext("%(count)s row", "%(count)s rows", total, count=format_decimal(total))
