"""What the page of a complaint says above its history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Row

from app.complaints import queries, telling
from app.complaints.models import Complaint, ComplaintState
from app.core import access, i18n
from app.core.pages import Action, Fact, Head


def head(complaint: Complaint, *, now: datetime) -> Head:
    people = queries.people_of(complaint.id)
    may_write = access.may("complaints.write")
    return Head(
        title=complaint.display_name,
        subtitle=_subtitle(complaint, now=now),
        deeds=_deeds(complaint) if may_write else (),
        reach=_ways(complaint) if may_write else (),
        facts=[
            (gettext("Complaint"), _own(complaint, people)),
            (gettext("From whom"), _from(complaint, people)),
            (gettext("What became of it"), _course(complaint, people)),
        ],
        edit_endpoint="complaints.edit",
        delete_endpoint="complaints.delete",
    )


def _subtitle(complaint: Complaint, *, now: datetime) -> str:
    state = telling.state(complaint.state)
    if complaint.state is ComplaintState.SETTLED:
        return state
    return gettext("%(state)s, due %(moment)s", state=state, moment=telling.due(complaint, now=now))


def _deeds(complaint: Complaint) -> Sequence[Action]:
    match complaint.state:
        case ComplaintState.OPEN:
            url = url_for("complaints.acknowledge", record_id=complaint.id)
            return [(gettext("Acknowledge"), "check", url)]
        case ComplaintState.SETTLED:
            settled = telling.exactly(complaint.settled_at)
            url = url_for("complaints.reopen", record_id=complaint.id, of=settled)
            return [(gettext("Reopen"), "rotate-ccw", url)]
        case _:
            return ()


def _ways(complaint: Complaint) -> Sequence[Action]:
    if complaint.state is ComplaintState.SETTLED:
        return ()
    return [(gettext("Settle"), "circle-check", url_for("complaints.ask_how", record_id=complaint.id))]


def _own(complaint: Complaint, people: Row[str]) -> list[Fact]:
    told: list[Fact] = [
        (gettext("Number"), complaint.number, None),
        (gettext("Priority"), telling.priority(complaint.priority), None),
        (gettext("Due"), i18n.reader().full_date(complaint.due), None),
        (gettext("Assigned to"), people.assignee or gettext("Nobody yet"), None),
    ]
    return [*told, (gettext("Details"), complaint.details, None)] if complaint.details else told


def _from(complaint: Complaint, people: Row[str]) -> list[Fact]:
    found: list[Fact] = []
    if complaint.contact_id is not None:
        found.append((gettext("Contact"), people.contact, url_for("contacts.show", record_id=complaint.contact_id)))
    if complaint.company_id is not None:
        found.append((gettext("Company"), people.company, url_for("companies.show", record_id=complaint.company_id)))
    return found or [(gettext("Contact"), gettext("Nobody named"), None)]


def _course(complaint: Complaint, people: Row[str]) -> list[Fact]:
    found: list[Fact] = [(gettext("State"), telling.state(complaint.state), None)]
    if complaint.acknowledged_at is not None:
        found.append((gettext("Acknowledged"), _by(people.acknowledged_by, complaint.acknowledged_at), None))
    if complaint.settled_at is not None:
        found.append((gettext("Settled"), _by(people.settled_by, complaint.settled_at), None))
        found.append((gettext("How"), complaint.settled_how or "", None))
    return found


def _by(name: str | None, at: datetime) -> str:
    return gettext("%(name)s, %(moment)s", name=name or "Kontor", moment=i18n.reader().say_date(at))
