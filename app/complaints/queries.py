from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    Integer,
    Row,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.companies.models import Company
from app.complaints.models import Complaint, ComplaintState
from app.contacts.models import Contact
from app.core import records
from app.core.access import visible
from app.core.entities import EntityRef
from app.core.entries import Place
from app.users.models import User
from tenants.db import db, rows

MOST_NAMED = 5000
"""People of the firm whom a history can name."""

MOST = 10
"""Complaints that the page of a contact or a company shows."""

_Assignee, _Acknowledger, _Settler = aliased(User), aliased(User), aliased(User)


def complaint(complaint_id: UUID) -> Complaint:
    """Raises NotFound."""
    return records.load(Complaint, complaint_id)


def complaint_to_change(complaint_id: UUID) -> Complaint:
    """Locked until the end of the request.

    Raises NotFound.
    """
    return records.load_to_change(Complaint, complaint_id)


def all_to_change(ids: Collection[UUID]) -> Sequence[Complaint]:
    """Locked until the end of the request; in the recycle bin there is nothing to change."""
    wanted = visible(Complaint).where(Complaint.id.in_(ids)).order_by(Complaint.id).with_for_update()
    return db.session.scalars(wanted).all()


def origins_of(ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """(id, contact_id, contact, company_id, company) of complaints that may lie in the recycle bin; whoever lies there
    too has no name.
    """
    return rows(_ORIGINS, {"ids": list(ids)})


def everybody() -> Sequence[Row[Any]]:
    """(id, name), those who have left too: history names them."""
    return rows(_EVERYBODY)


def open_ones(limit: int) -> Sequence[Row[Any]]:
    """What is not settled, due soonest first: (id, number, what, priority, state, due, contact, company, assignee)."""
    return rows(_OPEN, {"limit": limit})


def listed(ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """The same columns of these complaints."""
    return rows(_LISTED, {"ids": list(ids)})


def of_contact(contact_id: UUID) -> Sequence[Row[Any]]:
    """The same columns of what a contact complained about, at most ``MOST``, and the number of all."""
    return rows(_OF_CONTACT, {"record_id": contact_id})


def of_company(company_id: UUID) -> Sequence[Row[Any]]:
    """The same columns of what came from a company."""
    return rows(_OF_COMPANY, {"record_id": company_id})


def people_of(complaint_id: UUID) -> Row[Any]:
    """The names of whom one complaint is about and of all who have to do with it."""
    return rows(_PEOPLE, {"record_id": complaint_id})[0]


def happened(entity: str, record_id: UUID, *, before: Place | None, limit: int) -> Sequence[Row[Any]]:
    """(at, what happened, id, number, text, who): complaints that came from a record, and those that were settled."""
    place = {"before": before.at, "before_id": before.id} if before else {}
    return rows(_HAPPENED[entity, before is not None], {"record_id": record_id, "limit": limit, **place})


def neighbours(_entity: str, complaint_id: UUID) -> Iterable[EntityRef]:
    """Whose timelines tell what happens with a complaint."""
    found = db.session.execute(
        select(Complaint.contact_id, Complaint.company_id).where(Complaint.id == complaint_id)
    ).one()
    named = (("contact", found.contact_id), ("company", found.company_id))
    return [EntityRef(kind, record_id) for kind, record_id in named if record_id is not None]


def contact_of(model: Any) -> Select[Any]:
    """What the contact is called that a complaint came from."""
    return select(Contact.display_name).where(Contact.id == model.contact_id)


def company_of(model: Any) -> Select[Any]:
    return select(Company.name).where(Company.id == model.company_id)


# Built once: the pages of contacts and companies ask, and home.
BETWEEN = select(Complaint.id, Complaint.display_name.label("title"), cast(Complaint.due, Date).label("due")).where(
    Complaint.contact_id == bindparam("first_id", type_=Uuid),
    Complaint.company_id == bindparam("second_id", type_=Uuid),
    Complaint.state != ComplaintState.SETTLED,
    Complaint.deleted_at.is_(None),
)
"""What a contact complained about for a company and is not settled."""

_ORIGINS = (
    select(
        Complaint.id,
        Complaint.contact_id,
        Contact.display_name.label("contact"),
        Complaint.company_id,
        Company.name.label("company"),
    )
    .outerjoin(Contact, and_(Contact.id == Complaint.contact_id, Contact.deleted_at.is_(None)))
    .outerjoin(Company, and_(Company.id == Complaint.company_id, Company.deleted_at.is_(None)))
    .where(Complaint.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
)

_EVERYBODY = select(User.id, User.name).order_by(User.active.desc(), User.id).limit(MOST_NAMED)
_TOLD = (
    select(
        Complaint.id,
        Complaint.number,
        Complaint.what,
        Complaint.priority,
        Complaint.state,
        Complaint.due,
        Contact.display_name.label("contact"),
        Company.name.label("company"),
        _Assignee.name.label("assignee"),
    )
    .outerjoin(Contact, Contact.id == Complaint.contact_id)
    .outerjoin(Company, Company.id == Complaint.company_id)
    .outerjoin(_Assignee, _Assignee.id == Complaint.assignee_id)
    .where(Complaint.deleted_at.is_(None))
)
_IN_ORDER = _TOLD.order_by(Complaint.sort_key, Complaint.id)
_OPEN = _IN_ORDER.where(Complaint.sort_key < "1").limit(bindparam("limit", type_=Integer))
_LISTED = _TOLD.where(Complaint.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
_AND_HOW_MANY = _IN_ORDER.add_columns(func.count().over().label("how_many")).limit(MOST)
_OF_CONTACT = _AND_HOW_MANY.where(Complaint.contact_id == bindparam("record_id"))
_OF_COMPANY = _AND_HOW_MANY.where(Complaint.company_id == bindparam("record_id"))
_PEOPLE = (
    select(
        Contact.display_name.label("contact"),
        Company.name.label("company"),
        _Assignee.name.label("assignee"),
        _Acknowledger.name.label("acknowledged_by"),
        _Settler.name.label("settled_by"),
    )
    .select_from(Complaint)
    .outerjoin(Contact, Contact.id == Complaint.contact_id)
    .outerjoin(Company, Company.id == Complaint.company_id)
    .outerjoin(_Assignee, _Assignee.id == Complaint.assignee_id)
    .outerjoin(_Acknowledger, _Acknowledger.id == Complaint.acknowledged_by_id)
    .outerjoin(_Settler, _Settler.id == Complaint.settled_by_id)
    .where(Complaint.id == bindparam("record_id"))
)


def _events(of: InstrumentedAttribute[UUID | None], *, until: bool) -> Select[Any]:
    kinds = (
        ("entered", Complaint.created_at, Complaint.what, Complaint.author_id),
        ("settled", Complaint.settled_at, Complaint.settled_how, Complaint.settled_by_id),
    )
    both = union_all(
        *(
            select(
                moment.label("at"),
                literal(kind).label("kind"),
                Complaint.id,
                Complaint.number,
                words.label("text"),
                User.name.label("who"),
            )
            .outerjoin(User, User.id == person)
            .where(of == bindparam("record_id", type_=Uuid), Complaint.deleted_at.is_(None), moment.is_not(None))
            for kind, moment, words, person in kinds
        )
    ).subquery()
    found = select(both).order_by(both.c.at.desc(), both.c.id.desc()).limit(bindparam("limit", type_=Integer))
    place = tuple_(bindparam("before", type_=DateTime(timezone=True)), bindparam("before_id", type_=Uuid))
    return found.where(tuple_(both.c.at, both.c.id) < place) if until else found


_HAPPENED = {
    (entity, until): _events(of, until=until)
    for entity, of in (("contact", Complaint.contact_id), ("company", Complaint.company_id))
    for until in (False, True)
}
