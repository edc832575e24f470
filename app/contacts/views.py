from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.contactpoints import queries as points
from app.contactpoints.editing import Editor
from app.contactpoints.facts import facts, reach
from app.contacts import actions, queries
from app.contacts.entity import CONTACT
from app.contacts.models import key_of
from app.contacts.schemas import SALUTATIONS
from app.core import frame, pages, records
from app.core.lists import Words, list_page
from app.core.pages import Head
from app.core.web import Room
from tenants import clock

bp = Room("contacts", __name__)

EDITOR = Editor(
    entity=CONTACT,
    new_title=_l("New contact"),
    saved=_l("The contact is saved."),
    add=actions.add_contact,
    change=actions.edit_contact,
    key=key_of,
)


@bp.get("/contacts", allow="contacts.read")
def index() -> ResponseReturnValue:
    words = Words(
        placeholder=gettext("Name, company, phone, city …"),
        empty_title=gettext("No contacts yet"),
        empty_text=gettext("Contacts are the people you deal with. Enter the first one, or import the list you have."),
        new_label=gettext("New contact"),
    )
    return list_page(CONTACT, words, new_url=url_for("contacts.new"))


@bp.get("/contacts/<uuid:record_id>", allow="contacts.read")
def show(record_id: UUID) -> ResponseReturnValue:
    contact = records.read(CONTACT.model, record_id)
    own = points.shown_points(CONTACT.name, record_id)
    salutation = str(dict(SALUTATIONS).get(contact.salutation or "", ""))
    told = ((gettext("Salutation"), salutation), (gettext("Customer number"), contact.number))
    person = [(label, value, None) for label, value in told if value]
    head = Head(
        title=" ".join(word for word in (contact.title, contact.display_name) if word),
        called=contact.display_name,
        reach=reach(own, today=clock.today()),
        facts=[*facts(own, today=clock.today()), *([(gettext("Person"), person)] if person else [])],
        edit_endpoint="contacts.edit",
        delete_endpoint="contacts.delete",
    )
    return pages.record_page(CONTACT, contact, head)


@bp.get("/contacts/new", allow="contacts.write")
def new() -> ResponseReturnValue:
    return EDITOR.show_new()


@bp.post("/contacts/new", allow="contacts.write")
def create() -> ResponseReturnValue:
    return EDITOR.create()


@bp.get("/contacts/<uuid:record_id>/edit", allow="contacts.write")
def edit(record_id: UUID) -> ResponseReturnValue:
    return EDITOR.show(records.read(CONTACT.model, record_id))


@bp.post("/contacts/<uuid:record_id>/edit", allow="contacts.write")
def save(record_id: UUID) -> ResponseReturnValue:
    return EDITOR.save(record_id)


@bp.post("/contacts/<uuid:record_id>/delete", allow="contacts.delete")
def delete(record_id: UUID) -> ResponseReturnValue:
    records.discard(queries.contact(record_id))
    undo_url = url_for("recyclebin.restore", entity=CONTACT.name, record_id=record_id)
    frame.notify(gettext("The contact is in the recycle bin."), undo_url=undo_url)
    return flask.redirect(url_for("contacts.index"), HTTPStatus.SEE_OTHER)
