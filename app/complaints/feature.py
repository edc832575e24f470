from __future__ import annotations

from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.complaints import actions, numbers, queries, telling
from app.complaints.api import RESOURCE
from app.complaints.entity import COMPLAINT
from app.complaints.models import Complaint, ComplaintState, Priority, is_overdue
from app.complaints.schemas import PRIORITIES, STATES
from app.complaints.views import bp
from app.core import access, links
from app.core.criteria import Criterion
from app.core.entities import Column, Extension, Filter
from app.core.features import Feature, MenuItem, Panel, Unfinished
from app.core.overview import Agenda, Numbers
from tenants import clock

_SHOWN = 6


def _agenda() -> Agenda | None:
    if not access.may("complaints.read"):
        return None
    url_of, now = links.urls("complaints.show", "record_id"), clock.now()
    lines = [
        (
            url_of(row.id),
            f"{row.number} {row.what}",
            telling.due(row, now=now),
            "bad" if is_overdue(row.state, row.due, at=now) else "plain",
        )
        for row in queries.open_ones(_SHOWN)
    ]
    return Agenda(
        title=_l("Open complaints"), url=url_for("complaints.index"), lines=lines, empty=_l("No complaint is open.")
    )


FEATURE = Feature(
    name="complaints",
    resources=(RESOURCE,),
    entities=(COMPLAINT,),
    blueprints=(bp,),
    permissions=("complaints.read", "complaints.write", "complaints.delete", "complaints.export"),
    menu=(
        MenuItem(label=_l("Complaints"), icon="life-buoy", endpoint="complaints.index", permission="complaints.read"),
    ),
    quick=(
        MenuItem(label=_l("New complaint"), icon="life-buoy", endpoint="complaints.new", permission="complaints.write"),
    ),
    extensions=(
        Extension(
            on=frozenset({"complaint"}),
            columns=(
                Column(name="from_whom", label=_l("From whom")),
                Column(name="due", label=_l("Due"), sort="name"),
                Column(name="state", label=_l("State")),
                Column(name="assignee", label=_l("Assigned to")),
            ),
            read=telling.cells,
            filters=(
                Filter(
                    name="state",
                    label=_l("All states"),
                    options=STATES,
                    where=lambda _model, chosen: Complaint.state == ComplaintState(chosen),
                ),
                Filter(
                    name="assignee",
                    label=_l("All colleagues"),
                    choices=telling.assignees,
                    parse=UUID,
                    where=lambda _model, chosen: Complaint.assignee_id == chosen,
                ),
                Filter(
                    name="priority",
                    label=_l("All priorities"),
                    options=PRIORITIES,
                    where=lambda _model, chosen: Complaint.priority == Priority(chosen),
                ),
            ),
            criteria=(
                Criterion(name="number", label=_l("Number")),
                Criterion(name="contact", label=_l("Contact"), several=queries.contact_of),
                Criterion(name="company", label=_l("Company"), several=queries.company_of),
            ),
            neighbours=queries.neighbours,
        ),
        Extension(on=frozenset({"contact"}), about=(Complaint.contact_id,)),
        Extension(on=frozenset({"company"}), about=(Complaint.company_id,)),
    ),
    panels=(
        Panel(
            on=frozenset({"contact"}),
            title=_l("Complaints"),
            template="complaints/panel.html",
            load=lambda contact: telling.panel(contact, queries.of_contact(contact.id)),
            permission="complaints.read",
            lazy=True,
        ),
        Panel(
            on=frozenset({"company"}),
            title=_l("Complaints"),
            template="complaints/panel.html",
            load=lambda company: telling.panel(company, queries.of_company(company.id)),
            permission="complaints.read",
            lazy=True,
        ),
    ),
    handover=actions.handover,
    unfinished=Unfinished(
        statement=queries.BETWEEN,
        take_off=actions.take_off,
        give=actions.give,
        permission="complaints.write",
    ),
    agenda=_agenda,
    numbers=Numbers(load=numbers.load, permission="complaints.read"),
    entries=telling.entries,
    entries_label=_l("Complaints"),
    entries_on=frozenset({"contact", "company"}),
)
