from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.attachments.kinds import FileRefused
from app.complaints import actions, editing, facts, origins, queries
from app.complaints.entity import COMPLAINT
from app.complaints.models import Complaint
from app.complaints.schemas import HOW, SETTLEMENT
from app.core import errors, forms, frame, pages, records
from app.core.forms import Errors, Form, Section
from app.core.lists import Words, list_page
from app.core.records import StaleRecord
from app.core.web import Room
from tenants import clock
from tenants.context import current_actor

bp = Room("complaints", __name__)


@bp.get("/complaints", allow="complaints.read")
def index() -> ResponseReturnValue:
    words = Words(
        placeholder=gettext("Number or words of the complaint …"),
        empty_title=gettext("No complaints yet"),
        empty_text=gettext("What customers are not content with stands here, with what is due first on top."),
        new_label=gettext("New complaint"),
    )
    return list_page(COMPLAINT, words, new_url=url_for("complaints.new"))


@bp.get("/complaints/<uuid:record_id>", allow="complaints.read")
def show(record_id: UUID) -> ResponseReturnValue:
    complaint = queries.complaint(record_id)
    return pages.record_page(COMPLAINT, complaint, facts.head(complaint, now=clock.now()))


@bp.get("/complaints/new", allow="complaints.write")
def new() -> ResponseReturnValue:
    return editing.page(editing.fresh())


@bp.post("/complaints/new", allow="complaints.write")
def create() -> ResponseReturnValue:
    entered = editing.sent()
    if entered.problems:
        return editing.page(entered), HTTPStatus.UNPROCESSABLE_ENTITY
    photos = [(file.stream, file.filename or "") for file in request.files.getlist("photo") if file.filename]
    try:
        complaint_id = actions.enter(entered.draft(), at=clock.now(), photos=photos)
    except FileRefused as refusal:
        entered.problems = {"photo": [errors.say(refusal)]}
        return editing.page(entered), HTTPStatus.UNPROCESSABLE_ENTITY
    frame.notify(gettext("The complaint is saved."))
    return _to(complaint_id)


@bp.get("/complaints/from-whom", allow="complaints.write")
def suggest() -> ResponseReturnValue:
    words = request.args.get("q", "")[:100].replace("\0", "")
    return render_template("complaints/suggested.html", labels=[one.label for one in origins.suggested(words)])


@bp.get("/complaints/<uuid:record_id>/edit", allow="complaints.write")
def edit(record_id: UUID) -> ResponseReturnValue:
    complaint = queries.complaint(record_id)
    return editing.page(editing.of_complaint(complaint), complaint)


@bp.post("/complaints/<uuid:record_id>/edit", allow="complaints.write")
def save(record_id: UUID) -> ResponseReturnValue:
    entered = editing.sent()
    if entered.problems:
        return editing.page(entered, queries.complaint(record_id)), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        complaint = records.load_to_edit(Complaint, record_id, version=entered.version)
    except StaleRecord as refusal:
        present = queries.complaint(record_id)
        entered.stale, entered.version = errors.say(refusal), str(present.version)
        return editing.page(entered, present), HTTPStatus.CONFLICT
    actions.change(complaint, entered.draft())
    return _to(record_id)


@bp.post("/complaints/<uuid:record_id>/acknowledge", allow="complaints.write")
def acknowledge(record_id: UUID) -> ResponseReturnValue:
    queries.complaint(record_id).acknowledge(by=current_actor().user_id, at=clock.now())
    undo_url = url_for("complaints.withdraw", record_id=record_id)
    frame.notify(gettext("The complaint is acknowledged."), undo_url=undo_url)
    return _to(record_id)


@bp.post("/complaints/<uuid:record_id>/withdraw", allow="complaints.write")
def withdraw(record_id: UUID) -> ResponseReturnValue:
    queries.complaint(record_id).withdraw_acknowledgement()
    return _to(record_id)


@bp.get("/complaints/<uuid:record_id>/settle", allow="complaints.write")
def ask_how(record_id: UUID) -> ResponseReturnValue:
    return _settlement_page(queries.complaint(record_id), {}, {})


@bp.post("/complaints/<uuid:record_id>/settle", allow="complaints.write")
def settle(record_id: UUID) -> ResponseReturnValue:
    complaint = queries.complaint(record_id)
    values, problems = forms.read(SETTLEMENT)
    if problems:
        return _settlement_page(complaint, values, problems), HTTPStatus.UNPROCESSABLE_ENTITY
    complaint.settle(how=values[HOW.name], by=current_actor().user_id, at=clock.now())
    frame.notify(gettext("The complaint is settled."), undo_url=url_for("complaints.reopen", record_id=record_id))
    return _to(record_id)


@bp.post("/complaints/<uuid:record_id>/reopen", allow="complaints.write")
def reopen(record_id: UUID) -> ResponseReturnValue:
    queries.complaint(record_id).reopen()
    return _to(record_id)


@bp.post("/complaints/<uuid:record_id>/delete", allow="complaints.delete")
def delete(record_id: UUID) -> ResponseReturnValue:
    records.discard(queries.complaint(record_id))
    undo_url = url_for("recyclebin.restore", entity=COMPLAINT.name, record_id=record_id)
    frame.notify(gettext("The complaint is in the recycle bin."), undo_url=undo_url)
    return flask.redirect(url_for("complaints.index"), HTTPStatus.SEE_OTHER)


def _settlement_page(complaint: Complaint, values: dict[str, str], problems: Errors) -> str:
    back = url_for("complaints.show", record_id=complaint.id)
    form = Form(
        title=gettext("Settle complaint"),
        action_url=request.path,
        submit_label=gettext("Settle complaint"),
        cancel_url=back,
        crumbs=[(str(COMPLAINT.plural), url_for("complaints.index")), (complaint.number, back)],
        errors=forms.summary(bool(problems)),
        sections=[Section(title=None, fields=forms.shown((HOW,), values, problems))],
    )
    return render_template("core/form.html", form=form)


def _to(complaint_id: UUID) -> ResponseReturnValue:
    return flask.redirect(url_for("complaints.show", record_id=complaint_id), HTTPStatus.SEE_OTHER)
