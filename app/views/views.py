from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import access, conditions, errors, forms, frame, lines, lists, narrowing, records, showing
from app.core.conditions import Condition, UnreadableCondition
from app.core.criteria import check
from app.core.entities import EntityType, entity_types
from app.core.fields import Field, schema_of
from app.core.forms import Form, FormField, Section
from app.core.lines import Line
from app.core.web import Room
from app.views import actions, ordering, queries, toolbar
from app.views.models import SavedView

bp = Room("views", __name__)

NAME = Field(name="name", label="", required=True, limit=60)
_SCHEMA = schema_of((NAME,))
_LONGEST_QUERY = 12_000
_MOST_QUOTED = 2500
"""Characters that a condition may take in an address; one that is longer no browser and no server carries reliably."""


class TooLongForAnAddress(UnreadableCondition):
    """This filter is too long. Please leave out a line or some of the values."""

    code = "condition_too_long_for_an_address"


@bp.get("/lists/filter", allow="views.read")
def narrow() -> ResponseReturnValue:
    """From the lines of the editor to the list: narrowed by them, or with the editor as it is now."""
    kind = _asked(request.args)
    asked, address = narrowing.criteria(kind), _address(request.args)
    written, deed = lines.typed(request.args, asked), request.args.get("do", "")
    if deed == "clear":
        return _narrowed(kind, address, Condition())
    if deed == "apply":
        try:
            condition = _addressable(lines.condition_of(written))
            check(condition, asked)
        except TooLongForAnAddress as refusal:
            frame.notify(errors.say(refusal))
            return flask.redirect(_list_url(kind, address), HTTPStatus.SEE_OTHER)
        except UnreadableCondition:
            return _edited(kind, address, written, focus="last", checked=True)
        return _narrowed(kind, address, condition)
    if deed.startswith("remove-"):
        place = int(deed.removeprefix("remove-") or 0) if deed.removeprefix("remove-").isdecimal() else -1
        return _edited(kind, address, lines.without(written, place), focus="bar")
    return _edited(kind, address, lines.added(written, request.args.get("new", ""), asked), focus="last")


@bp.get("/lists/columns", allow="views.read")
def columns() -> ResponseReturnValue:
    kind, address = _asked(request.args), _address(request.args)
    chosen = ordering.read(kind, request.args.get("order", ""), address.get(lists.COLUMNS, ""))
    return render_template(
        "views/columns.html",
        entity=kind.name,
        label=str(kind.plural),
        query=urlencode(address),
        rows=chosen,
        focus=request.args.get("focus", ""),
        back_url=_list_url(kind, address),
    )


@bp.post("/lists/columns", allow="views.write")
def choose_columns() -> ResponseReturnValue:
    kind, address = _asked(request.form), _address(request.form)
    deed, order, shown = request.form.get("do", ""), request.form.getlist("order"), request.form.getlist("shown")
    if deed.startswith(("up:", "down:")):
        moved = ordering.moved(order, shown, deed)
        url = url_for("views.columns", entity=kind.name, query=urlencode(address), order=moved, focus=deed)
        return flask.redirect(url, HTTPStatus.SEE_OTHER)
    chosen = () if deed == "usual" else showing.read(kind, ",".join(name for name in order if name in shown))
    actions.choose_columns(kind, chosen)
    return flask.redirect(_list_url(kind, {**address, lists.COLUMNS: ",".join(chosen)}), HTTPStatus.SEE_OTHER)


@bp.post("/lists/views", allow="views.write")
def keep() -> ResponseReturnValue:
    kind, address = _asked(request.form), _address(request.form)
    values, wrong = forms.read(_SCHEMA)
    if wrong:
        frame.notify(gettext("A view needs a name of at most 60 characters."))
        return flask.redirect(_list_url(kind, address), HTTPStatus.SEE_OTHER)
    kept = actions.keep(kind, name=values["name"], address=address, shared=bool(request.form.get("shared")))
    frame.notify(gettext("The view “%(view)s” is saved.", view=kept.name))
    return _to(kept)


@bp.get("/views/<uuid:view_id>/edit", allow="views.write")
def edit(view_id: UUID) -> ResponseReturnValue:
    view = queries.changeable_view(view_id)
    return render_template("core/form.html", form=_form(view, {"name": view.name}, {}))


@bp.post("/views/<uuid:view_id>/edit", allow="views.write")
def save(view_id: UUID) -> ResponseReturnValue:
    view = queries.view_to_change(view_id)
    values, wrong = forms.read(_SCHEMA)
    if wrong:
        page = render_template("core/form.html", form=_form(view, values, wrong))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    actions.change(view, name=values["name"], shared=bool(request.form.get("shared")))
    return _to(view)


@bp.post("/views/<uuid:view_id>/replace", allow="views.write")
def replace(view_id: UUID) -> ResponseReturnValue:
    view = queries.view_to_change(view_id)
    actions.replace(view, _address(request.form))
    frame.notify(gettext("The view “%(view)s” shows this from now on.", view=view.name))
    return _to(view)


@bp.post("/views/<uuid:view_id>/delete", allow="views.write")
def delete(view_id: UUID) -> ResponseReturnValue:
    view = queries.view_to_change(view_id)
    records.discard(view)
    frame.notify(
        gettext("The view “%(view)s” is deleted.", view=view.name),
        undo_url=url_for("views.restore", view_id=view_id),
    )
    address = {**view.address, "view": toolbar.EVERYTHING}
    return flask.redirect(_list_url(_readable(view.entity), address), HTTPStatus.SEE_OTHER)


@bp.post("/views/<uuid:view_id>/restore", allow="views.write")
def restore(view_id: UUID) -> ResponseReturnValue:
    view = queries.deleted_view(view_id)
    view.deleted_at = None
    return _to(view)


@bp.post("/views/<uuid:view_id>/first", allow="views.write")
def show_first(view_id: UUID) -> ResponseReturnValue:
    view = queries.view(view_id)
    actions.come_first(_readable(view.entity), view.id)
    frame.notify(gettext("“%(view)s” comes first from now on.", view=view.name))
    return _to(view)


@bp.post("/lists/first", allow="views.write")
def show_all_first() -> ResponseReturnValue:
    kind = _asked(request.form)
    actions.come_first(kind, None)
    return flask.redirect(url_for(kind.list_endpoint), HTTPStatus.SEE_OTHER)


def _addressable(condition: Condition) -> Condition:
    """Raises TooLongForAnAddress."""
    if len(quote(conditions.written(condition))) > _MOST_QUOTED:
        raise TooLongForAnAddress
    return condition


def _asked(sent: Mapping[str, str]) -> EntityType:
    """Of which list somebody speaks; of the first one where nobody says."""
    return _readable(sent.get("entity") or next(iter(entity_types)).name)


def _readable(name: str) -> EntityType:
    """Raises UnknownEntity, PermissionMissing."""
    entity = entity_types.named(name)
    access.require(entity.may("read"))
    return entity


def _address(sent: Mapping[str, str]) -> dict[str, str]:
    """The query of the list from which somebody comes, without where in it."""
    told = parse_qsl(sent.get("query", "")[:_LONGEST_QUERY])
    return {name: value for name, value in told if name not in lists.PLACES}


def _narrowed(entity: EntityType, address: Mapping[str, str], condition: Condition) -> ResponseReturnValue:
    flask.session[toolbar.FOCUS] = "bar"
    url = toolbar.narrowed_url(url_for(entity.list_endpoint), address, condition)
    return flask.redirect(url, HTTPStatus.SEE_OTHER)


def _edited(
    entity: EntityType, address: Mapping[str, str], written: Sequence[Line], *, focus: str, checked: bool = False
) -> ResponseReturnValue:
    flask.session[toolbar.FOCUS] = focus
    told = {**address, lists.EDIT: lines.written(written), **({lists.CHECKED: "1"} if checked else {})}
    return flask.redirect(_list_url(entity, told), HTTPStatus.SEE_OTHER)


def _list_url(entity: EntityType, address: Mapping[str, str]) -> str:
    told = {name: value for name, value in address.items() if value} or {"view": toolbar.EVERYTHING}
    return f"{url_for(entity.list_endpoint)}?{urlencode(told)}"


def _to(view: SavedView) -> ResponseReturnValue:
    """The list as the view shows it."""
    address = {**view.address, "view": str(view.id)}
    return flask.redirect(_list_url(_readable(view.entity), address), HTTPStatus.SEE_OTHER)


def _form(view: SavedView, values: Mapping[str, str | None], wrong: forms.Errors) -> Form:
    kind = entity_types.named(view.entity)
    back_url = _list_url(kind, {**view.address, "view": str(view.id)})
    return Form(
        title=gettext("View “%(view)s”", view=view.name),
        action_url=url_for("views.save", view_id=view.id),
        submit_label=gettext("Save view"),
        cancel_url=back_url,
        crumbs=[(str(kind.plural), back_url)],
        errors=forms.summary(bool(wrong)),
        sections=[Section(title=None, fields=_fields(view, values, wrong))],
    )


def _fields(view: SavedView, values: Mapping[str, str | None], wrong: forms.Errors) -> list[FormField]:
    name = FormField(
        name="name",
        label=gettext("Name of the view"),
        value=values.get("name") or "",
        errors=wrong.get("name", ()),
        required=True,
        maxlength=NAME.limit,
        autofocus=True,
    )
    shared = FormField(
        name="shared",
        label=gettext("For everybody"),
        kind="checkbox",
        value="1" if view.shared else "",
        help=gettext("Everybody of the firm sees the view above the list; each sees only what they may see."),
    )
    return [name, shared] if access.may("views.share") else [name]
