"""The forms of a complaint: what was entered, checked, and shown again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext

from app.complaints import origins, queries, telling
from app.complaints.actions import Draft
from app.complaints.entity import COMPLAINT
from app.complaints.models import Complaint, Priority
from app.complaints.origins import Origin, OriginAmbiguous, OriginUnknown
from app.complaints.schemas import (
    ASSIGNEE,
    DETAILS,
    DUE_DAY,
    DUE_TIME,
    FROM,
    HOW,
    PRIORITY,
    SCHEMA,
    SETTLEMENT,
    WHAT,
    due_moment,
)
from app.core import errors, forms, i18n, records
from app.core.editing import EditForm, Entered, Texts
from app.core.fields import FieldSchema
from app.core.forms import Errors, Form, FormField, Section
from app.users import queries as users
from tenants import clock
from tenants.context import current_actor


def draft(values: Mapping[str, Any]) -> Draft:
    """Of values that are accepted."""
    assignee, origin = values.get(ASSIGNEE.name), origins.of_value(values.get(FROM.name) or "")
    return Draft(
        what=values["what"],
        details=values["details"],
        priority=Priority(values["priority"] or Priority.NORMAL),
        due=due_moment(values, zone=clock.zone()),
        assignee_id=UUID(assignee) if assignee else None,
        contact_id=origin.ref.id if origin and origin.ref.type == "contact" else None,
        company_id=origin.ref.id if origin and origin.ref.type == "company" else None,
    )


def fresh() -> Entered:
    """Of a new complaint; the address may name whom it comes from."""
    return Entered(values={ASSIGNEE.name: str(current_actor().user_id), FROM.name: request.args.get("of", "")})


def sent() -> Entered:
    values, problems = read(SCHEMA)
    return Entered(values=values, errors=problems)


def read(schema: FieldSchema) -> tuple[Mapping[str, Any], Errors]:
    """Whom the form names becomes the value of that origin; where it is not clear, what was typed stays."""
    values, found = forms.read(schema)
    values, problems = dict(values), dict(found)
    try:
        origin = _origin(values.get(FROM.name) or "")
        values[FROM.name] = origin.value if origin else None
    except (OriginUnknown, OriginAmbiguous) as refusal:
        problems[FROM.name] = [errors.say(refusal)]
    assignee = values.get(ASSIGNEE.name)
    if assignee and assignee not in {str(colleague.id) for colleague in users.active()}:
        problems[ASSIGNEE.name] = [gettext("Please choose one of the entries.")]
    return values, problems


def _texts(complaint: Complaint) -> Texts:
    due = clock.local(complaint.due)
    kind, record_id = ("contact", complaint.contact_id) if complaint.contact_id else ("company", complaint.company_id)
    return {
        "what": complaint.what,
        "details": complaint.details or "",
        "priority": complaint.priority,
        "due_day": due.date().isoformat(),
        "due_time": due.strftime("%H:%M"),
        ASSIGNEE.name: str(complaint.assignee_id or ""),
        FROM.name: f"{kind}:{record_id}" if record_id else "",
    }


def _label(value: str) -> str:
    origin = origins.of_value(value)
    return origin.label if origin else ""


def _day(written: str) -> str:
    return i18n.say_day(date.fromisoformat(written))


FORM = EditForm(
    load=queries.complaint_to_change,
    discarded=partial(records.load_discarded, Complaint),
    schema=SCHEMA,
    texts=_texts,
    columns={"due_day": ("due",), "due_time": ("due",), FROM.name: ("contact_id", "company_id")},
    say={
        FROM.name: _label,
        ASSIGNEE.name: telling.colleague,
        "due_day": _day,
    },
    read=read,
)


SETTLEMENT_FORM = EditForm(
    load=queries.complaint_to_change,
    discarded=partial(records.load_discarded, Complaint),
    schema=SETTLEMENT,
    texts=lambda complaint: {HOW.name: complaint.settled_how} if complaint.settled_how else {},
)


def page(entered: Entered, complaint: Complaint | None = None) -> str:
    crumbs: list[tuple[str, str | None]] = [(str(COMPLAINT.plural), url_for(COMPLAINT.list_endpoint))]
    back, title = url_for(COMPLAINT.list_endpoint), gettext("New complaint")
    if complaint is not None:
        back = url_for(COMPLAINT.endpoint, record_id=complaint.id)
        title = gettext("Edit %(name)s", name=complaint.number)
        crumbs.append((complaint.number, back))
    form = Form(
        title=title,
        action_url=request.path,
        submit_label=gettext("Save complaint") if complaint is None else gettext("Save changes"),
        cancel_url=back,
        crumbs=crumbs,
        errors=entered.summary,
    )
    return _rendered(form, entered, is_new=complaint is None)


def settlement_page(complaint: Complaint, entered: Entered) -> str:
    back = url_for(COMPLAINT.endpoint, record_id=complaint.id)
    form = Form(
        title=gettext("Settle complaint"),
        action_url=request.path,
        submit_label=gettext("Settle complaint"),
        cancel_url=back,
        crumbs=[(str(COMPLAINT.plural), url_for(COMPLAINT.list_endpoint)), (complaint.number, back)],
        errors=entered.summary,
        sections=[Section(title=None, fields=entered.shown((HOW,)))],
        hidden=entered.hidden,
    )
    return render_template("core/form.html", form=form)


def _origin(words: str) -> Origin | None:
    """Whom the form names: by a choice, by the words that came with the page, or by what was typed."""
    if not words:
        return None
    chosen = origins.of_value(request.form.get("choice", ""))
    if chosen is not None:
        return chosen
    known = origins.of_value(request.form.get("origin", ""))
    return known if known is not None and known.label == words else origins.meant(words)


def _rendered(form: Form, entered: Entered, *, is_new: bool) -> str:
    origin = origins.of_value(entered.values.get(FROM.name) or "")
    form.hidden = {**({} if is_new else entered.hidden), "origin": origin.value if origin else ""}
    first, *rest = _fields(entered)
    return render_template(
        "complaints/form.html",
        form=form,
        first=first,
        from_whom=_from_whom(entered, origin),
        choices=[(one.value, one.label) for one in _choices(entered)],
        rest=rest,
        photo=_photo(entered) if is_new else None,
        is_unfolded=not is_new or any(one.errors for one in rest),
    )


def _photo(entered: Entered) -> FormField:
    return FormField(name="photo", label=gettext("Photo"), kind="file", errors=entered.errors.get("photo", ()))


def _from_whom(entered: Entered, origin: Origin | None) -> FormField:
    typed = entered.values.get(FROM.name) or "" if FROM.name in entered.errors else ""
    return replace(entered.shown((FROM,))[0], value=origin.label if origin else typed, autofocus=False)


def _choices(entered: Entered) -> Sequence[Origin]:
    """Who may be meant, where that is not clear; nobody, where nobody is called so."""
    if FROM.name not in entered.errors:
        return ()
    try:
        origins.meant(entered.values.get(FROM.name) or "")
    except OriginAmbiguous as refusal:
        return refusal.choices
    except OriginUnknown:
        return ()
    return ()


def _fields(entered: Entered) -> list[FormField]:
    """What is wrong, and all that has a default."""
    first, details, priority, day, hour, assignee = entered.shown(
        (WHAT, DETAILS, PRIORITY, DUE_DAY, DUE_TIME, ASSIGNEE)
    )
    colleagues = [(str(user_id), name) for user_id, name in users.offered()]
    usual = gettext("Left empty: as long as complaints of this priority usually take.")
    return [
        first,
        details,
        replace(priority, options=priority.options[1:]),
        replace(day, kind="date", help=usual),
        replace(hour, kind="time"),
        replace(assignee, kind="select", options=[("", gettext("Nobody yet")), *colleagues]),
    ]
