from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.affiliations import actions, moves, queries
from app.affiliations.models import Affiliation, EndsBeforeItBegan
from app.affiliations.moves import Move
from app.affiliations.schemas import COMPANY, EDIT_SCHEMA, EDITABLE, ROLE, SCHEMA
from app.companies import queries as companies
from app.contacts import queries as contacts
from app.contacts.models import Contact
from app.core import errors as refusals
from app.core import forms, frame
from app.core.editing import EditForm, Entered, Texts
from app.core.forms import Errors, Form, Section
from app.core.web import Room
from tenants import clock

bp = Room("affiliations", __name__)


def _texts(affiliation: Affiliation) -> Texts:
    since, until = affiliation.since, affiliation.until
    return {
        "role": affiliation.role,
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
    }


FORM = EditForm(load=queries.affiliation_to_change, schema=EDIT_SCHEMA, texts=_texts)


@bp.get("/contacts/<uuid:record_id>/affiliations/new", allow="contacts.write")
def new(record_id: UUID) -> ResponseReturnValue:
    return _page(contacts.contact(record_id), {}, {})


@bp.post("/contacts/<uuid:record_id>/affiliations/new", allow="contacts.write")
def create(record_id: UUID) -> ResponseReturnValue:
    contact = contacts.contact(record_id)
    values, errors = forms.read(SCHEMA)
    if errors:
        return _page(contact, values, errors), HTTPStatus.UNPROCESSABLE_ENTITY
    actions.employ(contact.id, company=values["company"], role=values["role"] or "")
    return flask.redirect(url_for("contacts.show", record_id=record_id), HTTPStatus.SEE_OTHER)


@bp.post("/affiliations/<uuid:affiliation_id>/end", allow="contacts.write")
def end(affiliation_id: UUID) -> ResponseReturnValue:
    affiliation = queries.affiliation(affiliation_id)
    actions.end(affiliation, on=clock.today())
    return flask.redirect(url_for("contacts.show", record_id=affiliation.contact_id), HTTPStatus.SEE_OTHER)


@bp.get("/affiliations/<uuid:affiliation_id>/edit", allow="contacts.write")
def edit(affiliation_id: UUID) -> ResponseReturnValue:
    affiliation = queries.affiliation(affiliation_id)
    return _edit_page(affiliation, FORM.show(affiliation))


@bp.post("/affiliations/<uuid:affiliation_id>/edit", allow="contacts.write")
def save(affiliation_id: UUID) -> ResponseReturnValue:
    affiliation, entered = FORM.receive(affiliation_id)
    if entered.is_accepted:
        since, until = _day(entered.values["since"]), _day(entered.values["until"])
        try:
            actions.change(affiliation, role=entered.values["role"] or "", since=since, until=until)
        except EndsBeforeItBegan as refusal:
            entered = entered.refused({"until": [refusals.say(refusal)]})
    if not entered.is_accepted:
        return _edit_page(affiliation, entered), entered.status
    return _to(affiliation.contact_id)


@bp.get("/affiliations/<uuid:affiliation_id>/move", allow="contacts.write")
def moving(affiliation_id: UUID) -> ResponseReturnValue:
    affiliation = queries.affiliation(affiliation_id)
    return _move_page(affiliation, moves.fresh(affiliation))


@bp.post("/affiliations/<uuid:affiliation_id>/move", allow="contacts.write")
def move(affiliation_id: UUID) -> ResponseReturnValue:
    affiliation = queries.affiliation_to_change(affiliation_id)
    wanted = moves.sent(affiliation)
    if moves.is_done_already(affiliation, wanted):
        return _to(affiliation.contact_id)
    if not wanted.errors:
        wanted = moves.carry_out(affiliation, wanted)
    if wanted.errors:
        return _move_page(affiliation, wanted), HTTPStatus.UNPROCESSABLE_ENTITY
    frame.notify(gettext("The new job is noted; the old one stays in the history."))
    return _to(affiliation.contact_id)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _to(contact_id: UUID) -> ResponseReturnValue:
    return flask.redirect(url_for("contacts.show", record_id=contact_id), HTTPStatus.SEE_OTHER)


def _edit_page(affiliation: Affiliation, entered: Entered) -> str:
    contact, company = contacts.contact(affiliation.contact_id), companies.company(affiliation.company_id)
    title = gettext("%(name)s at %(company)s", name=contact.display_name, company=company.name)
    sections = [Section(title=None, fields=entered.shown(EDITABLE))]
    form = _form(contact, title, gettext("Save changes"), sections, errors=entered.summary)
    form.hidden = entered.hidden
    return render_template("core/form.html", form=form)


def _move_page(affiliation: Affiliation, move: Move) -> str:
    contact, company = contacts.contact(affiliation.contact_id), companies.company(affiliation.company_id)
    title, sections = moves.title(contact, company), moves.sections(affiliation, contact, company, move)
    form = _form(contact, title, gettext("Save the new job"), sections, errors=move.summary)
    form.hidden = {"version": move.version}
    return render_template("core/form.html", form=form)


def _page(contact: Contact, values: dict[str, str], errors: Errors) -> str:
    sections = [Section(title=None, fields=forms.shown((COMPANY, ROLE), values, errors))]
    return _form_page(contact, gettext("Works for"), gettext("Save"), sections, refused=bool(errors))


def _form_page(contact: Contact, title: str, submit_label: str, sections: Sequence[Section], *, refused: bool) -> str:
    form = _form(contact, title, submit_label, sections, errors=forms.summary(refused))
    return render_template("core/form.html", form=form)


def _form(
    contact: Contact, title: str, submit_label: str, sections: Sequence[Section], *, errors: Sequence[str]
) -> Form:
    back = url_for("contacts.show", record_id=contact.id)
    return Form(
        title=title,
        action_url=request.path,
        submit_label=submit_label,
        cancel_url=back,
        crumbs=[(gettext("Contacts"), url_for("contacts.index")), (contact.display_name, back)],
        errors=errors,
        sections=sections,
    )
