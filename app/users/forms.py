from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from app.core import access, forms
from app.core.editing import EditForm, Entered
from app.core.forms import Errors, Form, FormField, Section
from app.users import queries
from app.users.models import User
from app.users.schemas import EMAIL, NAME, ROLE, ROLE_CHANGE, ROLES
from tenants.context import current_actor
from tenants.models import Role


def invitation_form(values: Mapping[str, Any], errors: Errors) -> Form:
    name, email = forms.shown((NAME, EMAIL), values, errors)
    role = _role(Entered(values={"role": Role.MEMBER, **values}, errors=errors))
    fields = [name, replace(email, inputmode="email"), role]
    return Form(
        title=gettext("Invite a user"),
        action_url=request.path,
        submit_label=gettext("Send the invitation"),
        cancel_url=url_for("users.index"),
        crumbs=_crumbs(),
        errors=forms.summary(bool(errors)),
        sections=[Section(title=None, fields=fields)],
    )


ROLE_FORM = EditForm(load=queries.user_to_change, schema=ROLE_CHANGE, texts=lambda user: {"role": user.role.value})


def role_form(user: User, entered: Entered) -> Form:
    back = url_for("users.show", user_id=user.id)
    return Form(
        title=gettext("Change the role"),
        action_url=request.path,
        submit_label=gettext("Save the role"),
        cancel_url=back,
        crumbs=[*_crumbs(), (user.name, back)],
        errors=entered.summary,
        sections=[Section(title=None, fields=[_role(entered)])],
        hidden=entered.hidden,
    )


def leaving_form(user: User, values: Mapping[str, Any], errors: Errors) -> Form:
    back = url_for("users.show", user_id=user.id)
    return Form(
        title=_leaving_title(user),
        action_url=request.path,
        submit_label=gettext("Deactivate"),
        cancel_url=back,
        crumbs=[*_crumbs(), (user.name, back)],
        errors=list(errors.get("", ())) or forms.summary(bool(errors)),
        sections=[Section(title=None, fields=[_heir(user, values, errors)])],
    )


def _leaving_title(user: User) -> str:
    if user.id == current_actor().user_id:
        return gettext("Leave this account")
    return gettext("Deactivate %(name)s", name=user.name)


def _heir(user: User, values: Mapping[str, Any], errors: Errors) -> FormField:
    colleagues = [(str(row.id), row.name) for row in queries.active() if row.id != user.id]
    return FormField(
        name="heir",
        label=gettext("Who takes over the open work?"),
        kind="select",
        value=str(values.get("heir") or ""),
        help=gettext(
            "What %(name)s has entered stays as it is. The next page that %(name)s opens is refused; "
            "an administrator can undo this at any time.",
            name=user.name,
        ),
        errors=errors.get("heir", ()),
        options=[("", gettext("nobody for now")), *colleagues],
    )


def _role(entered: Entered) -> FormField:
    offered = [role for role, _, _ in ROLES if role is not Role.OWNER or access.may("users.own")]
    return replace(
        entered.shown((ROLE,))[0],
        autofocus=False,
        options=[(role.value, f"{label}: {may}") for role, label, may in ROLES if role in offered],
    )


def _crumbs() -> list[tuple[str, str | None]]:
    return [(gettext("Users"), url_for("users.index"))]
