from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import flask
from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.core import errors, forms, frame, limits
from app.core.web import Room
from app.users import actions, pages, queries
from app.users.actions import AlreadyUser, NoHeir
from app.users.forms import ROLE_FORM, invitation_form, leaving_form, role_form
from app.users.models import User
from app.users.schemas import INVITATION
from tenants import identities, invitations
from tenants.context import current_actor
from tenants.invitations import Guest
from tenants.memberships import LastOwner, OwnersOnly
from tenants.models import Role

bp = Room("users", __name__)


def _sent(response: Response) -> bool:
    return response.status_code == HTTPStatus.SEE_OTHER


@bp.get("/users", allow="users.manage")
def index() -> ResponseReturnValue:
    return render_template("users/index.html", **pages.index(after=_id(request.args.get("after"))))


@bp.get("/users/invite", allow="users.manage", proven=True)
def new() -> ResponseReturnValue:
    return _invitation({}, {})


@bp.post("/users/invite", allow="users.manage", proven=True)
@limits.limit(60, within=timedelta(hours=1), counts=_sent)
def invite() -> ResponseReturnValue:
    values, wrong = forms.read(INVITATION)
    if wrong:
        return _invitation(values, wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    email = identities.normal_email(values["email"])
    try:
        actions.invite(Guest(email=email, name=values["name"], role=Role(values["role"])))
    except AlreadyUser as refusal:
        return _invitation(values, {"email": [errors.say(refusal)]}), HTTPStatus.UNPROCESSABLE_ENTITY
    frame.notify(gettext("%(name)s is invited by mail.", name=values["name"]))
    return _to_list()


@bp.post("/users/invitations/<uuid:invitation_id>/send", allow="users.manage")
@limits.limit(60, within=timedelta(hours=1), counts=_sent)
def send_again(invitation_id: UUID) -> ResponseReturnValue:
    actions.send_again(invitation_id)
    frame.notify(gettext("The invitation is sent again. Only the new link works."))
    return _to_list()


@bp.post("/users/invitations/<uuid:invitation_id>/withdraw", allow="users.manage")
def withdraw(invitation_id: UUID) -> ResponseReturnValue:
    name = invitations.withdraw(invitation_id)
    frame.notify(gettext("The invitation of %(name)s is withdrawn.", name=name))
    return _to_list()


@bp.get("/users/<uuid:user_id>", allow="users.manage")
def show(user_id: UUID) -> ResponseReturnValue:
    return render_template("users/show.html", **pages.show(queries.user(user_id)))


@bp.get("/users/<uuid:user_id>/role", allow="users.manage", proven=True)
def role(user_id: UUID) -> ResponseReturnValue:
    user = queries.user(user_id)
    return render_template("core/form.html", form=role_form(user, ROLE_FORM.show(user)))


@bp.post("/users/<uuid:user_id>/role", allow="users.manage", proven=True)
def give_role(user_id: UUID) -> ResponseReturnValue:
    user, entered = ROLE_FORM.receive(user_id)
    if entered.is_accepted:
        try:
            actions.give_role(user, Role(entered.values["role"]))
        except (LastOwner, OwnersOnly) as refusal:
            entered = entered.refused({"": [errors.say(refusal)]})
    if not entered.is_accepted:
        return render_template("core/form.html", form=role_form(user, entered)), entered.status
    return flask.redirect(url_for("users.show", user_id=user_id), HTTPStatus.SEE_OTHER)


@bp.get("/users/<uuid:user_id>/deactivate", allow="users.manage")
def leaving(user_id: UUID) -> ResponseReturnValue:
    return render_template("core/form.html", form=leaving_form(queries.user(user_id), {}, {}))


@bp.post("/users/<uuid:user_id>/deactivate", allow="users.manage")
def deactivate(user_id: UUID) -> ResponseReturnValue:
    user = queries.user_to_change(user_id)
    try:
        taken = actions.deactivate(user, heir=_heir())
    except NoHeir as refusal:
        return _form(leaving_form(user, request.form, {"heir": [errors.say(refusal)]}))
    except (LastOwner, OwnersOnly) as refusal:
        return _form(leaving_form(user, request.form, {"": [errors.say(refusal)]}))
    if user.id == current_actor().user_id:
        return flask.redirect(url_for("login.choose"), HTTPStatus.SEE_OTHER)
    frame.notify(_gone(user, taken), undo_url=url_for("users.reactivate", user_id=user.id) if not taken else None)
    return _to_list()


def _gone(user: User, taken: int) -> str:
    if not taken:
        return gettext("%(name)s is deactivated.", name=user.name)
    text = ngettext(
        "%(name)s is deactivated; %(num)d record is handed over.",
        "%(name)s is deactivated; %(num)d records are handed over.",
        taken,
        name=user.name,
    )
    return str(text)


@bp.post("/users/<uuid:user_id>/reactivate", allow="users.manage")
def reactivate(user_id: UUID) -> ResponseReturnValue:
    user = queries.user_to_change(user_id)
    actions.reactivate(user)
    frame.notify(gettext("%(name)s can work here again.", name=user.name))
    return flask.redirect(url_for("users.show", user_id=user_id), HTTPStatus.SEE_OTHER)


def _heir() -> UUID | None:
    """Raises NoHeir for what is no id at all."""
    chosen = request.form.get("heir", "")
    found = _id(chosen)
    if chosen and found is None:
        raise NoHeir
    return found


def _id(written: str | None) -> UUID | None:
    try:
        return UUID(written) if written else None
    except ValueError:
        return None


def _invitation(values: dict[str, Any], wrong: forms.Errors) -> str:
    return render_template("core/form.html", form=invitation_form(values, wrong))


def _form(form: forms.Form) -> ResponseReturnValue:
    return render_template("core/form.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY


def _to_list() -> ResponseReturnValue:
    return flask.redirect(url_for("users.index"), HTTPStatus.SEE_OTHER)
