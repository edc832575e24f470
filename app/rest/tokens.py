"""The pages on which people make tokens for their programs and revoke them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.core import access, forms, frame, i18n
from app.core.features import features
from app.core.fields import Field, FieldKind, Text, schema_of
from app.core.forms import Errors
from app.core.resources import Resource
from app.core.web import Room
from app.rest.interface import AREAS, PREFIX
from app.rest.reference import request_line
from config.settings import settings
from tenants import clock, memberships, tokens
from tenants.context import current_actor, current_scope
from tenants.models import ApiToken
from tenants.tokens import EVERYTHING, Wish

bp = Room("tokens", __name__)

_DAYS = (("30", _l("30 days")), ("90", _l("90 days")), ("365", _l("One year")), ("0", _l("Does not expire")))
NAME = Field(name="name", label=_l("What is the token for?"), required=True, limit=100)
LIFE = Field(name="days", label=_l("Valid for"), kind=FieldKind.CHOICE, options=_DAYS, required=True)
_SCHEMA = schema_of((NAME, LIFE))
_VERBS: Mapping[str, Text] = {
    "read": _l("Read"),
    "write": _l("Enter and change"),
    "delete": _l("Delete"),
    "export": _l("Follow changes"),
    "mark": _l("Mark as read"),
    "see": _l("See"),
}


def scopes() -> list[tuple[str, list[tuple[str, str]]]]:
    """(name of an area, (scope, what it allows) of those that the actor could give)"""
    areas: dict[str, tuple[str, set[str]]] = {}
    for resource in (resource for feature in features for resource in feature.resources):
        areas.setdefault(resource.permission, (str(resource.label), set()))[1].update(_verbs(resource))
    areas |= {area: (str(label), set(verbs)) for area, (label, verbs) in AREAS.items()}
    allowed = [
        (label, [(f"{area}.{verb}", str(said)) for verb, said in _VERBS.items() if verb in own and _may(area, verb)])
        for area, (label, own) in areas.items()
    ]
    return [(label, own) for label, own in allowed if own]


def _verbs(resource: Resource) -> set[str]:
    """What its addresses ask for."""
    writes = resource.create is not None or resource.change is not None or bool(resource.deeds)
    return {"read"} | ({"write"} if writes else set()) | ({"delete"} if resource.delete is not None else set())


def _may(area: str, verb: str) -> bool:
    return f"{area}.{verb}" in current_actor().permissions


@bp.get("/tokens", allow="tokens.read")
def index() -> ResponseReturnValue:
    return _index()


@bp.get("/tokens/new", allow="tokens.write", proven=True)
def new() -> ResponseReturnValue:
    return _page({"days": "365"}, {})


@bp.post("/tokens/new", allow="tokens.write", proven=True)
def create() -> ResponseReturnValue:
    values, wrong = forms.read(_SCHEMA)
    given = sorted(set(request.form.getlist("scope")) & _known())
    if not given:
        wrong = {**wrong, "scope": [gettext("Please choose what the token may do.")]}
    user_id = current_actor().user_id
    if wrong or user_id is None:
        return _page({**values, "scope": given}, wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    days = int(values["days"])
    expires_at = clock.now() + timedelta(days=days) if days else None
    wish = Wish(name=values["name"], scopes=given, expires_at=expires_at)
    _, shown = tokens.make(memberships.id_of(user_id), wish)
    # Turbo shows what was created, and would not show a plain 200.
    return _index(made=shown), HTTPStatus.CREATED


@bp.post("/tokens/<uuid:token_id>/revoke", allow="tokens.write")
def revoke(token_id: UUID) -> ResponseReturnValue:
    name = tokens.revoke(token_id, of=None if access.may("tokens.manage") else current_actor().user_id)
    frame.notify(gettext("“%(name)s” no longer works.", name=name))
    return flask.redirect(url_for("tokens.index"), HTTPStatus.SEE_OTHER)


def _known() -> set[str]:
    return {scope for _, own in scopes() for scope, _ in own} | {EVERYTHING}


def _index(*, made: str = "") -> str:
    user_id = current_actor().user_id
    everybody = access.may("tokens.manage")
    found = tokens.of_everybody() if everybody else tokens.of_user(user_id) if user_id else []
    return render_template(
        "rest/tokens.html",
        tokens=[_told(row) for row in found],
        made=made,
        example=request_line(made, f"{settings().public_url}/{current_scope().slug}{PREFIX}"),
        may_make=access.may("tokens.write"),
    )


def _told(row: Row[ApiToken, UUID, str]) -> dict[str, Any]:
    token, _, person = row
    is_over = token.expires_at is not None and token.expires_at <= clock.now()
    return {
        "id": token.id,
        "name": token.name,
        "prefix": f"kontor_{token.prefix}_…",
        "person": person,
        "scopes": gettext("everything that the user may do") if EVERYTHING in token.scopes else ", ".join(token.scopes),
        "used": i18n.reader().say_date(token.used_at) if token.used_at else gettext("never"),
        "until": i18n.say_day(clock.local(token.expires_at).date()) if token.expires_at else "",
        "is_over": is_over,
    }


def _page(values: Mapping[str, Any], wrong: Errors) -> str:
    form = forms.Form(
        title=gettext("New token"),
        action_url=url_for("tokens.create"),
        submit_label=gettext("Make token"),
        cancel_url=url_for("tokens.index"),
        crumbs=[(gettext("API access"), url_for("tokens.index"))],
        errors=forms.summary(bool(wrong)),
        sections=[forms.Section(title=None, fields=forms.shown((NAME, LIFE), values, wrong))],
    )
    chosen = set(values.get("scope", ()))
    return render_template(
        "rest/new_token.html", form=form, areas=scopes(), chosen=chosen, wrong=wrong.get("scope", ())
    )
