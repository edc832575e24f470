from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.attachments.kinds import FileRefused
from app.complaints import actions, editing, facts, origins, queries, telling
from app.complaints.entity import COMPLAINT
from app.complaints.models import Complaint, ComplaintState
from app.complaints.schemas import HOW
from app.core import errors, frame, pages, records
from app.core.lists import Words, list_page
from app.core.web import Room
from tenants import clock, quotas

bp = Room("complaints", __name__)


@bp.get("/complaints", allow="complaints.read")
def index() -> ResponseReturnValue:
    words = Words(
        placeholder=gettext("Number or words of the complaint …"),
        empty_title=gettext("No complaints yet"),
        empty_text=gettext("Here is what customers are unhappy about, with what is due first at the top."),
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
    if not entered.is_accepted:
        return editing.page(entered), entered.status
    photos = [(file.stream, file.filename or "") for file in request.files.getlist("photo") if file.filename]
    try:
        complaint_id = actions.enter(editing.draft(entered.values), at=clock.now(), photos=photos)
    except (FileRefused, *quotas.UPLOAD_REFUSED) as refusal:
        return editing.page(entered.refused({"photo": [errors.say(refusal)]})), errors.status_of(refusal)
    frame.notify(gettext("The complaint is saved."))
    return _to(complaint_id)


@bp.get("/complaints/from-whom", allow="complaints.write")
def suggest() -> ResponseReturnValue:
    words = request.args.get("q", "")[:100].replace("\0", "")
    return render_template("core/suggested.html", labels=[one.label for one in origins.suggested(words)])


@bp.get("/complaints/<uuid:record_id>/edit", allow="complaints.write")
def edit(record_id: UUID) -> ResponseReturnValue:
    complaint = queries.complaint(record_id)
    return editing.page(editing.FORM.show(complaint), complaint)


@bp.post("/complaints/<uuid:record_id>/edit", allow="complaints.write")
def save(record_id: UUID) -> ResponseReturnValue:
    complaint, entered = editing.received(record_id)
    if not entered.is_accepted:
        return editing.page(entered, complaint), entered.status
    actions.change(complaint, editing.draft(entered.values))
    return _to(record_id)


@bp.post("/complaints/<uuid:record_id>/acknowledge", allow="complaints.write")
def acknowledge(record_id: UUID) -> ResponseReturnValue:
    complaint = queries.complaint_to_change(record_id)
    if actions.acknowledge(complaint, at=clock.now()):
        undo_url = url_for("complaints.withdraw", record_id=record_id, of=telling.exactly(complaint.acknowledged_at))
        frame.notify(gettext("The complaint is acknowledged."), undo_url=undo_url)
    else:
        _say_standing(complaint)
    return _to(record_id)


@bp.post("/complaints/<uuid:record_id>/withdraw", allow="complaints.write")
def withdraw(record_id: UUID) -> ResponseReturnValue:
    complaint = queries.complaint_to_change(record_id)
    if not actions.withdraw_acknowledgement(complaint, of=telling.meant(request.args.get("of"))):
        _say_standing(complaint)
    return _to(record_id)


@bp.get("/complaints/<uuid:record_id>/settle", allow="complaints.write")
def ask_how(record_id: UUID) -> ResponseReturnValue:
    complaint = queries.complaint(record_id)
    return editing.settlement_page(complaint, editing.SETTLEMENT_FORM.show(complaint))


@bp.post("/complaints/<uuid:record_id>/settle", allow="complaints.write")
def settle(record_id: UUID) -> ResponseReturnValue:
    complaint, entered = editing.SETTLEMENT_FORM.receive(record_id)
    if not entered.is_accepted:
        return editing.settlement_page(complaint, entered), entered.status
    if actions.settle(complaint, how=entered.values[HOW.name], at=clock.now()):
        undo_url = url_for("complaints.reopen", record_id=record_id, of=telling.exactly(complaint.settled_at))
        frame.notify(gettext("The complaint is settled."), undo_url=undo_url)
    return _to(record_id)


@bp.post("/complaints/<uuid:record_id>/reopen", allow="complaints.write")
def reopen(record_id: UUID) -> ResponseReturnValue:
    complaint = queries.complaint_to_change(record_id)
    if not actions.reopen(complaint, of=telling.meant(request.args.get("of"))):
        _say_standing(complaint)
    return _to(record_id)


@bp.post("/complaints/<uuid:record_id>/delete", allow="complaints.delete")
def delete(record_id: UUID) -> ResponseReturnValue:
    records.discard(queries.complaint(record_id))
    undo_url = url_for("recyclebin.restore", entity=COMPLAINT.name, record_id=record_id)
    frame.notify(gettext("The complaint is in the recycle bin."), undo_url=undo_url)
    return flask.redirect(url_for("complaints.index"), HTTPStatus.SEE_OTHER)


def _say_standing(complaint: Complaint) -> None:
    """To somebody whose page was old; of what stands open there is nothing to say."""
    if complaint.state is not ComplaintState.OPEN:
        frame.notify(telling.standing(complaint))


def _to(complaint_id: UUID) -> ResponseReturnValue:
    return flask.redirect(url_for("complaints.show", record_id=complaint_id), HTTPStatus.SEE_OTHER)
