"""Complaints in words: on lists, on the pages of others, on timelines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_babel import gettext
from sqlalchemy import Row

from app.complaints import queries
from app.complaints.models import Complaint, ComplaintState, Priority, is_overdue
from app.complaints.schemas import PRIORITIES, STATES
from app.core import access, i18n, links
from app.core.entities import EntityRef, EntityType
from app.core.entries import Entry, Place
from app.users import queries as users
from tenants import clock


def cells(_entity: str, ids: Collection[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    """For the list of complaints."""
    now = clock.now()
    return {
        row.id: {
            "from_whom": row.contact or row.company or "",
            "due": due(row, now=now),
            "state": state(row.state),
            "assignee": row.assignee or "",
        }
        for row in queries.listed(ids)
    }


def panel(record: EntityRef, found: Sequence[Row[Any]]) -> dict[str, Any]:
    """On the page of the record that complaints come from."""
    url_of, now = links.urls("complaints.show", "record_id"), clock.now()
    return {
        "new_url": url_for("complaints.new", of=f"{record.type}:{record.id}"),
        "how_many": found[0].how_many if found else 0,
        "cards": [(f"{row.number} {row.what}", _standing(row, now=now), url_of(row.id)) for row in found],
    }


def _standing(row: Row[Any], *, now: datetime) -> str:
    if row.state is ComplaintState.SETTLED:
        return state(row.state)
    return gettext("%(state)s, due %(moment)s", state=state(row.state), moment=due(row, now=now))


def standing(complaint: Complaint) -> str:
    """Who has done already what somebody wanted to do."""
    if complaint.state is ComplaintState.SETTLED:
        who, at = complaint.settled_by_id, complaint.settled_at
        text = gettext("%(who)s has settled this complaint already, %(moment)s.")
    else:
        who, at = complaint.acknowledged_by_id, complaint.acknowledged_at
        text = gettext("%(who)s has acknowledged this complaint already, %(moment)s.")
    said = i18n.reader().say_date(at) if at else ""
    return text % {"who": colleague(str(who)) or "Kontor", "moment": said}


def belonged(ids: Collection[UUID]) -> Mapping[UUID, Sequence[tuple[str, str | None]]]:
    """From whom complaints in the recycle bin came."""
    contact_url, company_url = (links.urls(f"{room}.show", "record_id") for room in ("contacts", "companies"))
    found: dict[UUID, list[tuple[str, str | None]]] = {}
    for row in queries.origins_of(ids):
        named = ((row.contact, row.contact_id, contact_url), (row.company, row.company_id, company_url))
        found[row.id] = [(name, url_of(one_id)) for name, one_id, url_of in named if name is not None]
    return found


def exactly(at: datetime | None) -> str | None:
    """In an address: the moment of the deed that is to be taken back."""
    return at.isoformat() if at else None


def meant(written: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def state(one: ComplaintState) -> str:
    return str(dict(STATES)[one])


def priority(one: Priority) -> str:
    return str(dict(PRIORITIES)[one])


def due(row: Row[Any] | Complaint, *, now: datetime) -> str:
    said = i18n.reader().say_date(row.due)
    return gettext("%(moment)s, overdue", moment=said) if is_overdue(row.state, row.due, at=now) else said


def moment(stored: str) -> str:
    """Of a moment as the journal has it."""
    return i18n.reader().full_date(datetime.fromisoformat(stored))


def colleague(stored: str) -> str:
    """Of an id as the journal has it; all names are read once for a page."""
    if "colleagues" not in g:
        g.colleagues = {str(one.id): one.name for one in queries.everybody()}
    return str(g.colleagues.get(stored, ""))


def assignees() -> Sequence[tuple[str, str]]:
    """(id, name) of those who can be given a complaint."""
    return [(str(user_id), name) for user_id, name in users.offered()]


def entries(entity: EntityType, record_id: UUID, before: Place | None, limit: int) -> Sequence[Entry]:
    """What contacts and companies complained about, and how it ended."""
    if not access.may("complaints.read"):
        return []
    url_of, label = links.urls("complaints.show", "record_id"), gettext("Open complaint")
    return [
        _entry(row, [(label, url_of(row.id))])
        for row in queries.happened(entity.name, record_id, before=before, limit=limit)
    ]


def _entry(row: Row[Any], actions: Sequence[tuple[str, str]]) -> Entry:
    is_new = row.kind == "entered"
    return Entry(
        id=row.id,
        at=row.at,
        icon="life-buoy" if is_new else "circle-check",
        label=gettext("Complaint %(number)s", number=row.number)
        if is_new
        else gettext("Complaint %(number)s is settled", number=row.number),
        who=row.who or "Kontor",
        text=row.text or "",
        tone="bad" if is_new else "good",
        actions=actions,
    )
