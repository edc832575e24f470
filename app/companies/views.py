from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.companies import actions, queries
from app.companies.entity import COMPANY
from app.companies.models import key_of
from app.contactpoints import queries as points
from app.contactpoints.editing import Editor
from app.contactpoints.facts import facts, reach
from app.core import frame, pages, records
from app.core.lists import Words, list_page
from app.core.pages import Head
from app.core.web import Room
from tenants import clock

bp = Room("companies", __name__)

EDITOR = Editor(
    entity=COMPANY,
    new_title=_l("New company"),
    saved=_l("The company is saved."),
    add=actions.add_company,
    change=actions.edit_company,
    key=key_of,
)


@bp.get("/companies", allow="companies.read")
def index() -> ResponseReturnValue:
    words = Words(
        placeholder=gettext("Name, phone, e-mail, city …"),
        empty_title=gettext("No companies yet"),
        empty_text=gettext(
            "Companies are the organisations you deal with. Enter the first one, or import the list you have."
        ),
        new_label=gettext("New company"),
    )
    return list_page(COMPANY, words, new_url=url_for("companies.new"))


@bp.get("/companies/named", allow="companies.read")
def suggest() -> ResponseReturnValue:
    words = request.args.get("q", "")[:100].replace("\0", "")
    return render_template("core/suggested.html", labels=queries.offered(words))


@bp.get("/companies/<uuid:record_id>", allow="companies.read")
def show(record_id: UUID) -> ResponseReturnValue:
    company = records.read(COMPANY.model, record_id)
    own = points.shown_points(COMPANY.name, record_id)
    shown = [(gettext("Customer number"), company.number, None)] if company.number else []
    number = [(gettext("Organisation"), shown)] if shown else []
    head = Head(
        title=company.name,
        subtitle=company.industry or "",
        reach=reach(own, today=clock.today()),
        facts=[*facts(own, today=clock.today()), *number],
        edit_endpoint="companies.edit",
        delete_endpoint="companies.delete",
    )
    return pages.record_page(COMPANY, company, head)


@bp.get("/companies/new", allow="companies.write")
def new() -> ResponseReturnValue:
    return EDITOR.show_new()


@bp.post("/companies/new", allow="companies.write")
def create() -> ResponseReturnValue:
    return EDITOR.create()


@bp.get("/companies/<uuid:record_id>/edit", allow="companies.write")
def edit(record_id: UUID) -> ResponseReturnValue:
    return EDITOR.show(records.read(COMPANY.model, record_id))


@bp.post("/companies/<uuid:record_id>/edit", allow="companies.write")
def save(record_id: UUID) -> ResponseReturnValue:
    return EDITOR.save(record_id)


@bp.post("/companies/<uuid:record_id>/delete", allow="companies.delete")
def delete(record_id: UUID) -> ResponseReturnValue:
    records.discard(queries.company(record_id))
    undo_url = url_for("recyclebin.restore", entity=COMPANY.name, record_id=record_id)
    frame.notify(gettext("The company is in the recycle bin."), undo_url=undo_url)
    return flask.redirect(url_for("companies.index"), HTTPStatus.SEE_OTHER)
