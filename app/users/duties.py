"""The second factor: which roles need one here, and what to do for somebody who has lost theirs."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app.core import frame
from app.core.forms import Form, FormField, Section
from app.core.web import Room
from app.users import letters, queries
from app.users.schemas import ROLES
from tenants import duties, mail
from tenants.db import platform_work
from tenants.models import Role

room = Room("duties", __name__)


@room.get("/users/second-factor", allow="users.manage", proven=True)
def show() -> ResponseReturnValue:
    demanded = duties.roles()
    fields = [
        FormField(name=role, label=str(label), kind="checkbox", value="1" if role in demanded else "")
        for role, label, _ in ROLES
    ]
    form = Form(
        title=gettext("Who needs a second factor"),
        action_url=request.path,
        submit_label=gettext("Save"),
        cancel_url=url_for("users.index"),
        crumbs=[(gettext("Users"), url_for("users.index"))],
        sections=[Section(title=gettext("Roles that cannot work here without one"), fields=fields)],
    )
    return render_template("users/duties.html", form=form)


@room.post("/users/second-factor", allow="users.manage", proven=True)
def demand() -> ResponseReturnValue:
    duties.demand([role for role in Role if request.form.get(role)])
    frame.notify(gettext("Saved. Who has none yet adds one before going on."))
    return flask.redirect(url_for("users.index"), HTTPStatus.SEE_OTHER)


@room.post("/users/<uuid:user_id>/second-factor/forget", allow="users.own", proven=True)
def forget(user_id: UUID) -> ResponseReturnValue:
    """Raises BelongsElsewhere (out of the view)."""
    user = queries.user(user_id)
    identity = duties.forget_second_factor(user.id)
    with force_locale(identity.locale):
        subject, body = letters.second_factor_gone()
    with platform_work() as session:
        mail.post(session, to=identity.email, subject=subject, body=body)
    frame.notify(gettext("%(name)s logs in by the password alone now.", name=user.name))
    return flask.redirect(url_for("users.show", user_id=user.id), HTTPStatus.SEE_OTHER)
