from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.attachments.kinds import FileRefused
from app.attachments.views import NOTHING_RUNS
from app.core import errors, frame
from app.core.editing import Entered
from app.core.fields import Field
from app.core.forms import FormField, Section
from app.core.web import Room
from app.firm import actions, forms, history, places, queries
from tenants import files, quotas
from tenants.context import current_scope

bp = Room("firm", __name__)

_LAST, _MOST = 10, 1000
"""Changes that the page tells, and that it tells to whoever asks for all."""

_A_YEAR = 31_536_000


@bp.get("/settings", allow="settings.manage")
def show() -> ResponseReturnValue:
    return _page(forms.FORM.show(queries.stored()))


@bp.post("/settings", allow="settings.manage")
def save() -> ResponseReturnValue:
    stored, entered = forms.FORM.receive(queries.SETTINGS_ID)
    if not entered.is_accepted:
        return _page(entered), entered.status
    logo = request.files.get("logo")
    try:
        if logo is not None and logo.filename:
            actions.take_logo(stored, logo.stream, name=logo.filename)
    except (FileRefused, *quotas.UPLOAD_REFUSED) as refusal:
        return _page(entered.refused({"logo": [errors.say(refusal)]})), errors.status_of(refusal)
    actions.change(stored, forms.to_keep(entered.values))
    frame.notify(gettext("The settings are saved."))
    return _back()


@bp.post("/settings/logo/remove", allow="settings.manage")
def remove_logo() -> ResponseReturnValue:
    actions.remove_logo()
    frame.notify(gettext("The logo is removed."))
    return _back()


@bp.get("/settings/logo", allow="firm.read")
def logo() -> ResponseReturnValue:
    """Another logo has another address, which ends with its id; where there is none, nothing is sent."""
    file_id = current_scope().logo_id
    if file_id is None:
        return "", HTTPStatus.NO_CONTENT
    answer = flask.send_file(files.path_of(file_id), "image/jpeg")
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = f"private, max-age={_A_YEAR}, immutable"
    return answer


def _page(entered: Entered) -> str:
    changes, number = history.told(most=_MOST if request.args.get("history") == "all" else _LAST)
    return render_template(
        "firm/settings.html",
        sections=[Section(title=str(title), fields=_shown(entered, fields)) for title, fields in forms.SECTIONS],
        logo=FormField(name="logo", label=gettext("Logo"), kind="file", errors=entered.errors.get("logo", ())),
        logo_is_lost=any(file.filename for file in request.files.getlist("logo")),
        most_bytes=actions.LOGO_LIMIT,
        stored=queries.stored(),
        summary=entered.summary,
        hidden=entered.hidden,
        changes=changes,
        number=number,
    )


def _shown(entered: Entered, fields: tuple[Field, ...]) -> list[FormField]:
    return [replace(one, autofocus=False, options=_options(one)) for one in entered.shown(fields)]


def _options(shown: FormField) -> Sequence[tuple[str, str]]:
    """Where something is said already, "not specified" is no answer."""
    known = {"country": places.countries(), "timezone": places.zones()}.get(shown.name)
    options = [one for one in known or shown.options if one[0]]
    if shown.value and shown.kind == "select" and shown.value not in dict(options):
        return [(shown.value, forms.say(shown.name, shown.value)), *options]
    return options


def _back() -> ResponseReturnValue:
    return flask.redirect(url_for("firm.show"), HTTPStatus.SEE_OTHER)
