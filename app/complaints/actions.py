from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO
from uuid import UUID

from sqlalchemy import update

from app.affiliations import queries as affiliations
from app.attachments import actions as attachments
from app.complaints import queries
from app.complaints.models import Complaint, ComplaintState, Priority, found_by, place
from app.complaints.schemas import usual_due
from app.core.entities import EntityRef
from tenants import clock, counters
from tenants.context import current_actor
from tenants.db import db, new_id


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody says of a complaint."""

    what: str
    details: str | None = None
    priority: Priority = Priority.NORMAL
    due: datetime | None = None
    """None: as long as complaints of this priority usually take."""

    assignee_id: UUID | None = None
    contact_id: UUID | None = None
    company_id: UUID | None = None
    """Of a contact with one employer it need not be said."""


Photo = tuple[IO[bytes], str]
"""(content, name)"""


def enter(draft: Draft, *, at: datetime, photos: Sequence[Photo] = ()) -> UUID:
    """Write down a new complaint of the present user's.

    Raises FileRefused and what refuses uploads (tenants/quotas.py); the whole unit of work is to be undone then.
    """
    complaint = _written(draft, at=at)
    for stream, name in photos:
        attachments.attach(EntityRef("complaint", complaint.id), stream, name=name)
    # Last, since everybody else who enters a complaint waits from here until this one is saved.
    complaint.number = _next_number(year=clock.local(at).year)
    complaint.search_text = found_by(complaint.number, draft.what, draft.details)
    db.session.add(complaint)
    db.session.flush()
    return complaint.id


def change(complaint: Complaint, draft: Draft) -> None:
    due = (draft.due or complaint.due).astimezone(UTC)
    complaint.describe(what=draft.what, details=draft.details, priority=draft.priority, due=due)
    complaint.assignee_id = draft.assignee_id
    if draft.contact_id is None or draft.contact_id != complaint.contact_id:
        complaint.contact_id = draft.contact_id
        complaint.company_id = draft.company_id or _only_employer(draft.contact_id)


def acknowledge(complaint: Complaint, *, at: datetime) -> bool:
    """Done twice it is done once; answers whether it was done now."""
    if complaint.state is not ComplaintState.OPEN:
        return False
    complaint.acknowledge(by=current_actor().user_id, at=at)
    return True


def withdraw_acknowledgement(complaint: Complaint, *, of: datetime | None) -> bool:
    """Done twice it is done once. ``of`` is the acknowledgement that is meant, a later one stays; None is whichever
    holds. Answers whether it was done now.
    """
    if complaint.state is not ComplaintState.IN_WORK or of not in (None, complaint.acknowledged_at):
        return False
    complaint.withdraw_acknowledgement()
    return True


def settle(complaint: Complaint, *, how: str, at: datetime) -> bool:
    """Settled already it is told in these words from now on; answers whether it was settled now."""
    if complaint.state is ComplaintState.SETTLED:
        complaint.tell_settlement(how=how)
        return False
    complaint.settle(how=how, by=current_actor().user_id, at=at)
    return True


def reopen(complaint: Complaint, *, of: datetime | None) -> bool:
    """Done twice it is done once. ``of`` is the settlement that is meant, as is with an acknowledgement."""
    if complaint.state is not ComplaintState.SETTLED or of not in (None, complaint.settled_at):
        return False
    complaint.reopen()
    return True


def handover(from_user: UUID, to_user: UUID) -> int:
    """Whatever of one user's is not settled is the other's from now on; answers how many that are."""
    theirs = update(Complaint).where(Complaint.assignee_id == from_user, Complaint.state != ComplaintState.SETTLED)
    handed = theirs.values(assignee_id=to_user, version=Complaint.version + 1).returning(Complaint.id)
    return len(db.session.scalars(handed, execution_options={"synchronize_session": False}).all())


def take_off(ids: Collection[UUID], ref: EntityRef) -> None:
    """These do not come from that contact, or that company, any more."""
    for complaint in queries.all_to_change(ids):
        if complaint.contact_id == ref.id:
            complaint.contact_id = None
        if complaint.company_id == ref.id:
            complaint.company_id = None


def give(ids: Collection[UUID], user_id: UUID) -> None:
    """These are for somebody else to settle."""
    for complaint in queries.all_to_change(ids):
        complaint.assignee_id = user_id


def _written(draft: Draft, *, at: datetime) -> Complaint:
    """All but its number, and what follows from that."""
    due = (draft.due or usual_due(draft.priority, entered=clock.local(at))).astimezone(UTC)
    return Complaint(
        id=new_id(),
        what=draft.what,
        details=draft.details,
        priority=draft.priority,
        due=due,
        state=ComplaintState.OPEN,
        contact_id=draft.contact_id,
        company_id=draft.company_id or _only_employer(draft.contact_id),
        author_id=current_actor().user_id,
        assignee_id=draft.assignee_id,
        created_at=at,
        sort_key=place(due=due, settled_at=None),
    )


def _only_employer(contact_id: UUID | None) -> UUID | None:
    if contact_id is None:
        return None
    employers = [ref.id for ref in affiliations.employers_today("contact", contact_id)]
    return employers[0] if len(employers) == 1 else None


def _next_number(*, year: int) -> str:
    return f"R-{year}-{counters.following('complaints', year=year):04}"
