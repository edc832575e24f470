"""The form of a complaint: what was entered, checked, and shown again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext

from app.complaints import origins
from app.complaints.actions import Draft
from app.complaints.entity import COMPLAINT
from app.complaints.models import Complaint, Priority
from app.complaints.origins import Origin, OriginAmbiguous, OriginUnknown
from app.complaints.schemas import ASSIGNEE, DETAILS, DUE_DAY, DUE_TIME, FROM, PRIORITIES, SCHEMA, WHAT, due_moment
from app.core import errors, forms
from app.core.forms import Errors, Form, FormField
from app.users import queries as users
from tenants import clock
from tenants.context import current_actor


@dataclass(kw_only=True)
class Entered:
    """What stands in the form: as the complaint has it, or as somebody sent it."""

    values: Mapping[str, Any]
    origin: Origin | None = None
    choices: Sequence[Origin] = ()
    """Who may be meant, where that is not clear."""

    problems: Errors = field(default_factory=dict)
    version: str = ""
    stale: str = ""

    def draft(self) -> Draft:
        """Of values without problems."""
        chosen = self.values.get(ASSIGNEE.name)
        ref = self.origin.ref if self.origin else None
        return Draft(
            what=self.values["what"],
            details=self.values["details"],
            priority=Priority(self.values["priority"] or Priority.NORMAL),
            due=due_moment(self.values, zone=clock.zone()),
            assignee_id=UUID(chosen) if chosen else None,
            contact_id=ref.id if ref and ref.type == "contact" else None,
            company_id=ref.id if ref and ref.type == "company" else None,
        )


def fresh() -> Entered:
    """Of a new complaint; the address may name whom it comes from."""
    origin = origins.of_value(request.args.get("of", ""))
    return Entered(values={ASSIGNEE.name: str(current_actor().user_id)}, origin=origin)


def of_complaint(complaint: Complaint) -> Entered:
    due = clock.local(complaint.due)
    kind, record_id = ("contact", complaint.contact_id) if complaint.contact_id else ("company", complaint.company_id)
    values = {
        "what": complaint.what,
        "details": complaint.details,
        "priority": complaint.priority,
        "due_day": due.date().isoformat(),
        "due_time": due.strftime("%H:%M"),
        ASSIGNEE.name: complaint.assignee_id,
    }
    return Entered(values=values, origin=origins.of_value(f"{kind}:{record_id}"), version=str(complaint.version))


def sent() -> Entered:
    values, problems = forms.read(SCHEMA)
    entered = Entered(values=values, problems=dict(problems), version=request.form.get("version", ""))
    try:
        entered.origin = _origin(values.get(FROM.name) or "")
    except OriginUnknown as refusal:
        entered.problems = {**problems, FROM.name: [errors.say(refusal)]}
    except OriginAmbiguous as refusal:
        entered.choices = refusal.choices
        entered.problems = {**entered.problems, FROM.name: [errors.say(refusal)]}
    chosen = values.get(ASSIGNEE.name)
    if chosen and chosen not in {str(colleague.id) for colleague in users.active()}:
        entered.problems = {**entered.problems, ASSIGNEE.name: [gettext("Please choose one of the entries.")]}
    return entered


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
        errors=[entered.stale] if entered.stale else forms.summary(bool(entered.problems)),
        hidden={"version": entered.version, "origin": entered.origin.value if entered.origin else ""},
    )
    return _rendered(form, entered, is_new=complaint is None)


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
    first, *rest = _fields(entered)
    return render_template(
        "complaints/form.html",
        form=form,
        first=first,
        from_whom=_from_whom(entered),
        choices=[(one.value, one.label) for one in entered.choices],
        rest=rest,
        photo=_photo(entered) if is_new else None,
        is_unfolded=not is_new or any(one.errors for one in rest),
    )


def _photo(entered: Entered) -> FormField:
    return FormField(name="photo", label=gettext("Photo"), kind="file", errors=entered.problems.get("photo", ()))


def _from_whom(entered: Entered) -> FormField:
    typed = entered.values.get(FROM.name)
    return FormField(
        name=FROM.name,
        label=str(FROM.label),
        value=typed or (entered.origin.label if entered.origin else ""),
        errors=entered.problems.get(FROM.name, ()),
        maxlength=FROM.limit,
    )


def _fields(entered: Entered) -> list[FormField]:
    """What is wrong, and all that has a default."""
    first, details, day, hour = forms.shown((WHAT, DETAILS, DUE_DAY, DUE_TIME), entered.values, entered.problems)
    colleagues = [(str(user_id), name) for user_id, name in users.offered()]
    usual = gettext("Left empty: as long as complaints of this priority usually take.")
    return [
        first,
        details,
        _choice("priority", gettext("Priority"), [(value, str(label)) for value, label in PRIORITIES], entered),
        FormField(name=day.name, label=day.label, kind="date", value=day.value, errors=day.errors, help=usual),
        FormField(name=hour.name, label=hour.label, kind="time", value=hour.value, errors=hour.errors),
        _choice(ASSIGNEE.name, str(ASSIGNEE.label), [("", gettext("Nobody yet")), *colleagues], entered),
    ]


def _choice(name: str, label: str, options: Sequence[tuple[str, str]], entered: Entered) -> FormField:
    value, problems = str(entered.values.get(name) or ""), entered.problems.get(name, ())
    return FormField(name=name, label=label, kind="select", value=value, options=options, errors=problems)
