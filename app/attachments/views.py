from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from app.attachments import actions, queries
from app.attachments.kinds import PDF, FileRefused
from app.core import access, errors, frame, records
from app.core.entities import EntityRef, entity_types
from app.core.web import Room
from tenants import files, quotas
from tenants.db import undo
from tenants.errors import NotFound

bp = Room("attachments", __name__)

NOTHING_RUNS = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
# In a sandbox browsers show no PDF at all. Its type is said and never guessed, so it is nothing but a PDF.
ONLY_A_PDF = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_A_DAY = 86_400
_TOLD = 3
"""Refusals that one notice names."""


@bp.post("/files/<entity>/<uuid:record_id>", allow="attachments.write")
def attach(entity: str, record_id: UUID) -> ResponseReturnValue:
    kind = entity_types.named(entity)
    access.require(kind.may("write"))
    queries.require_visible(kind.ref(record_id))
    chosen = [file for file in request.files.getlist("file") if file.filename]
    try:
        refused = [said for file in chosen if (said := _refusal(kind.ref(record_id), file))]
    except quotas.UPLOAD_REFUSED as refusal:
        # Of all that was chosen nothing is kept: there is no room for the whole.
        undo()
        frame.notify(errors.say(refusal))
        return _to(kind.ref(record_id))
    if refused or not chosen:
        frame.notify(" ".join(refused[:_TOLD]) or gettext("Please choose a file first."))
    else:
        frame.notify(gettext("The file is attached.") if len(chosen) == 1 else gettext("The files are attached."))
    return _to(kind.ref(record_id))


@bp.get("/files/<uuid:attachment_id>", allow="attachments.read")
def download(attachment_id: UUID) -> ResponseReturnValue:
    one = queries.attachment(attachment_id)
    return _sent(one.file_id, one.mime, policy=NOTHING_RUNS, name=one.name)


@bp.get("/files/<uuid:attachment_id>/view", allow="attachments.read")
def view(attachment_id: UUID) -> ResponseReturnValue:
    """In the browser: an image that was read whole, or a PDF; nothing else."""
    one = queries.attachment(attachment_id)
    if one.preview_id is None and one.mime != PDF.mime:
        raise NotFound
    return _sent(one.file_id, one.mime, policy=ONLY_A_PDF if one.mime == PDF.mime else NOTHING_RUNS)


@bp.get("/files/<uuid:attachment_id>/preview", allow="attachments.read")
def preview(attachment_id: UUID) -> ResponseReturnValue:
    one = queries.attachment(attachment_id)
    if one.preview_id is None:
        raise NotFound
    answer = _sent(one.preview_id, "image/jpeg", policy=NOTHING_RUNS)
    answer.headers["Cache-Control"] = f"private, max-age={_A_DAY}, immutable"
    return answer


@bp.post("/files/<uuid:attachment_id>/delete", allow="attachments.delete")
def delete(attachment_id: UUID) -> ResponseReturnValue:
    one = queries.attachment(attachment_id)
    access.require(entity_types.named(one.kind).may("write"))
    records.discard(one)
    undo_url = url_for("attachments.restore", attachment_id=attachment_id)
    frame.notify(gettext("“%(name)s” is removed.", name=one.name), undo_url=undo_url)
    return _to(one.ref)


@bp.post("/files/<uuid:attachment_id>/restore", allow="attachments.delete")
def restore(attachment_id: UUID) -> ResponseReturnValue:
    one = queries.removed(attachment_id)
    access.require(entity_types.named(one.kind).may("write"))
    one.deleted_at = None
    return _to(one.ref)


def _refusal(ref: EntityRef, file: FileStorage) -> str | None:
    """Keep one of the files; answers why not, where it is refused."""
    try:
        actions.attach(ref, file.stream, name=file.filename or "")
    except FileRefused as refusal:
        return errors.say(refusal)
    return None


def _sent(file_id: UUID, mime: str, *, policy: str, name: str | None = None) -> Response:
    """With a name it is to be kept, without one to be looked at."""
    path = files.path_of(file_id)
    answer = flask.send_file(path, mime, as_attachment=name is not None, download_name=name, max_age=0)
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _to(ref: EntityRef) -> ResponseReturnValue:
    url = url_for(entity_types.named(ref.type).endpoint, record_id=ref.id)
    return flask.redirect(url, HTTPStatus.SEE_OTHER)
