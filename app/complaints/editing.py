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

from app.attachments import actions as attachments
from app.attachments import telling as attached
from app.companies.entity import COMPANY
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
from app.contacts.entity import CONTACT
from app.core import errors, forms, i18n, records
from app.core.editing import EditForm, Entered, Texts
from app.core.fields import FieldSchema
from app.core.forms import Errors, Form, FormField, Section
from app.users import queries as users
from tenants import clock
from tenants.context import current_actor


def draft(values: Mapping[str, Any]) -> Draft:
    """Of values that are accepted."""
    assignee, origin = values.get(ASSIGNEE.name), origins.ref_of(values.get(FROM.name) or "")
    return Draft(
        what=values["what"],
        details=values["details"],
        priority=Priority(values["priority"] or Priority.NORMAL),
        due=due_moment(values, zone=clock.zone()),
        assignee_id=UUID(assignee) if assignee else None,
        contact_id=origin.id if origin and origin.type == CONTACT.name else None,
        company_id=origin.id if origin and origin.type == COMPANY.name else None,
    )


def fresh() -> Entered:
    """Of a new complaint; the address may name whom it comes from."""
    return Entered(values={ASSIGNEE.name: str(current_actor().user_id), FROM.name: request.args.get("of", "")})


def sent() -> Entered:
    values, problems = read(SCHEMA)
    return known(Entered(values=values, errors=problems))


def received(complaint_id: UUID) -> tuple[Complaint, Entered]:
    """Of a complaint that exists; it is locked until the end of the request.

    Raises NotFound.
    """
    complaint, entered = FORM.receive(complaint_id)
    return complaint, known(entered, present=_texts(complaint)) if entered.is_accepted else entered


def known(entered: Entered, *, present: Texts | None = None) -> Entered:
    """Refused where it names people who are not here. Whom the complaint names already it goes on naming: they may
    lie in the recycle bin, or have left the firm.
    """
    values, problems = dict(entered.values), dict(entered.errors)
    before, origin, assignee = present or {}, values.get(FROM.name) or "", values.get(ASSIGNEE.name) or ""
    is_new = origin not in {"", before.get(FROM.name)}
    if is_new and FROM.name not in problems and origins.of_value(origin) is None:
        problems[FROM.name], values[FROM.name] = [errors.say(OriginUnknown())], request.form.get(FROM.name, "")
    if assignee not in {before.get(ASSIGNEE.name, ""), "", *(str(one.id) for one in users.active())}:
        problems[ASSIGNEE.name] = [gettext("Please choose one of the entries.")]
    return replace(entered, values=values, errors=problems)


def read(schema: FieldSchema) -> tuple[Mapping[str, Any], Errors]:
    """Whom the form names becomes the value of that origin; where it is not clear, what was typed stays."""
    values, found = forms.read(schema)
    values, problems = dict(values), dict(found)
    try:
        values[FROM.name] = _origin(values.get(FROM.name) or "")
    except (OriginUnknown, OriginAmbiguous) as refusal:
        problems[FROM.name] = [errors.say(refusal)]
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
    origin = origins.kept(value)
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
    return _rendered(form, entered, complaint)


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


def _origin(words: str) -> str | None:
    """Whom the form names: by a choice, by the words that came with the page, or by what was typed.

    Raises OriginUnknown, OriginAmbiguous.
    """
    if not words:
        return None
    chosen = origins.of_value(request.form.get("choice", ""))
    if chosen is not None:
        return chosen.value
    shown = request.form.get("origin", "")
    return shown if shown and words == request.form.get("origin_label") else origins.meant(words).value


def _rendered(form: Form, entered: Entered, complaint: Complaint | None) -> str:
    is_new, origin = complaint is None, _shown_origin(entered, complaint)
    named = {"origin": origin.value, "origin_label": origin.label} if origin else {}
    form.hidden = {**({} if is_new else entered.hidden), **named}
    first, *rest = _fields(entered, complaint)
    return render_template(
        "complaints/form.html",
        form=form,
        first=first,
        from_whom=_from_whom(entered, origin),
        choices=[(one.value, one.label) for one in _choices(entered)],
        rest=rest,
        photo=_photo(entered) if is_new else None,
        photo_is_lost=any(file.filename for file in request.files.getlist("photo")),
        most_bytes=attachments.most_bytes(),
        most=attached.size(attachments.most_bytes()),
        is_unfolded=not is_new or any(one.errors for one in rest),
    )


def _shown_origin(entered: Entered, complaint: Complaint | None) -> Origin | None:
    value = entered.values.get(FROM.name) or ""
    is_its_own = complaint is not None and value == _texts(complaint)[FROM.name]
    return origins.kept(value) if is_its_own else origins.of_value(value)


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


def _fields(entered: Entered, complaint: Complaint | None) -> list[FormField]:
    """What is wrong, and all that has a default."""
    first, details, priority, day, hour, assignee = entered.shown(
        (WHAT, DETAILS, PRIORITY, DUE_DAY, DUE_TIME, ASSIGNEE)
    )
    usual = gettext("If left empty: the usual time for this priority.")
    return [
        first,
        details,
        replace(priority, options=priority.options[1:]),
        replace(day, kind="date", help=usual),
        replace(hour, kind="time"),
        replace(assignee, kind="select", options=[("", gettext("Nobody yet")), *_colleagues(complaint)]),
    ]


def _colleagues(complaint: Complaint | None) -> Sequence[tuple[str, str]]:
    """Who can be chosen, and who it is assigned to already."""
    active = [(str(user_id), name) for user_id, name in users.offered()]
    present = complaint.assignee_id if complaint is not None else None
    if present is None or str(present) in dict(active):
        return active
    # Of a large firm the select offers only the first few hundred.
    beside = [
        (one.name if one.active else gettext("%(name)s (has left)", name=one.name)) for one in users.known([present])
    ]
    return [*active, *((str(present), label) for label in beside)]
