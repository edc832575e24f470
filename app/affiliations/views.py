from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.affiliations import actions, queries
from app.affiliations.schemas import COMPANY, ROLE, SCHEMA
from app.contacts import queries as contacts
from app.contacts.models import Contact
from app.core import forms
from app.core.forms import Errors, Form, Section
from app.core.web import Room
from tenants import clock

bp = Room("affiliations", __name__)


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


def _page(contact: Contact, values: dict[str, str], errors: Errors) -> str:
    back = url_for("contacts.show", record_id=contact.id)
    form = Form(
        title=gettext("Works for"),
        action_url=request.path,
        submit_label=gettext("Save"),
        cancel_url=back,
        crumbs=[(gettext("Contacts"), url_for("contacts.index")), (contact.display_name, back)],
        errors=forms.summary(bool(errors)),
        sections=[Section(title=None, fields=forms.shown((COMPANY, ROLE), values, errors))],
    )
    return render_template("core/form.html", form=form)
