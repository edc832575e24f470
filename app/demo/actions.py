from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import actions as activities
from app.affiliations import actions as affiliations
from app.affiliations import queries as employments
from app.companies.entity import COMPANY
from app.complaints import actions as complaints
from app.complaints import queries as complaint_queries
from app.complaints.actions import Draft
from app.contactpoints.models import PointKind
from app.contacts.entity import CONTACT
from app.core import access
from app.core.entities import EntityRef, create_records
from app.demo import firms, queries
from app.demo.firms import Duty, Firm, Grievance, Happening, Member
from app.demo.queries import Staff
from app.signup import actions as signup
from app.signup.actions import Wish
from app.tasks import actions as tasks
from app.tasks.actions import Plan
from app.users import actions as users
from config.settings import settings
from tenants import clock, identities
from tenants.context import Actor, Origin, current_actor, tenant_scope
from tenants.db import platform_work, unit_of_work
from tenants.errors import NotAllowed
from tenants.models import Membership, Role, Tenant
from tenants.provisioning import SlugTaken

_SATURDAY = 5
_CLOSED = frozenset({(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)})
"""Months and days on which nobody works in either country."""


class NotForTheOpen(NotAllowed):
    """The demo has passwords that everybody knows, so it is built only by ./run on one's own machine."""

    code = "demo_not_for_the_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    firm: str
    slug: str
    name: str
    email: str
    password: str


def build(*, now: datetime) -> list[Login]:
    """Put up the invented firms that do not stand yet. Interrupted at any point it can be run again.

    1. The firm comes in like any other; its owner with it.
    2. The colleagues become members.
    3. Each member enters what is theirs, in one transaction; the owner first, with the lists.

    Raises NotForTheOpen; SlugTaken where a stranger has a firm's address.
    """
    if not settings().embedded:
        raise NotForTheOpen
    told = firms.every_firm()
    for firm in told:
        if not _stands(firm):
            _fill(firm, _open(firm), now=now)
    return [
        Login(firm=firm.name, slug=firm.slug, name=member.name, email=member.email, password=firm.password)
        for firm in told
        for member in firm.members
    ]


def _stands(firm: Firm) -> bool:
    """The member who writes last has written."""
    staff = queries.staff_of(firm)
    last = staff.members.get(firm.members[-1].email) if staff else None
    if staff is None or last is None:
        return False
    with tenant_scope(staff.tenant.scope()), unit_of_work():
        return queries.has_written(last.id)


def _open(firm: Firm) -> Staff:
    owner, *colleagues = firm.members
    # One hash for all: everybody knows the password, and hashing is half of what building costs.
    password_hash = identities.hash_password(firm.password)
    # An earlier run may have come so far; whether it was one is asked below.
    with suppress(SlugTaken):
        signup.create(
            Wish(
                firm=firm.name,
                slug=firm.slug,
                name=owner.name,
                email=owner.email,
                password_hash=password_hash,
                locale=firm.locale,
            )
        )
    staff = queries.staff_of(firm)
    if staff is None:
        raise SlugTaken
    tenant = staff.tenant
    with platform_work() as session:
        hired = {
            member.email: _hire(session, member, tenant=tenant, password_hash=password_hash) for member in colleagues
        }
    return Staff(tenant, {**staff.members, **hired})


def _hire(session: Session, member: Member, *, tenant: Tenant, password_hash: str) -> Membership:
    identity = identities.find_or_add(
        session, email=member.email, name=member.name, password_hash=password_hash, locale=tenant.locale
    )
    return identities.join(session, tenant_id=tenant.id, identity_id=identity.id, role=Role.MEMBER)


def _fill(firm: Firm, staff: Staff, *, now: datetime) -> None:
    owner = staff.members[firm.members[0].email]
    for member in firm.members:
        own = staff.members[member.email]
        permissions = access.permissions_of(own.role)
        actor = Actor(user_id=own.id, name=member.name, permissions=permissions, locale=firm.locale)
        with tenant_scope(staff.tenant.scope(), actor=actor, origin=Origin(source="demo")), unit_of_work():
            queries.hold(owner.id)
            if not queries.has_written(own.id):
                users.add_user(user_id=own.id, name=member.name, email=member.email, role=own.role)
                _enter(firm, member, now=now)


def _enter(firm: Firm, member: Member, *, now: datetime) -> None:
    if member == firm.members[0]:
        create_records(COMPANY, firm.companies)
        create_records(CONTACT, firm.contacts)
    known = queries.by_name()
    for happening in firm.told_by(member):
        _tell(happening, known, now=now)
    for duty in firm.duties:
        if duty.by == member.name:
            _assign(duty, known, now=now)
    for grievance in firm.grievances:
        if grievance.by == member.name:
            _complain(grievance, known, now=now)


def _tell(happening: Happening, known: Mapping[str, EntityRef], *, now: datetime) -> None:
    here = clock.local(now)
    day = _working_day(here.date(), ago=happening.ago)
    about = known[happening.about]
    if happening.moves_to is not None:
        _move(about.id, to=happening.moves_to, role=happening.role, on=day)
    moment = datetime.combine(day, happening.at, tzinfo=here.tzinfo)
    activities.record(happening.kind, body=happening.text, about=about, at=moment)


def _assign(duty: Duty, known: Mapping[str, EntityRef], *, now: datetime) -> None:
    due_on = clock.local(now).date() + timedelta(days=duty.due_in)
    assignee_id = current_actor().user_id
    assert assignee_id is not None, "The demo is told by its members."
    plan = Plan(text=duty.text, assignee_id=assignee_id, due_on=due_on, repeats=duty.repeats)
    tasks.add(plan, about=known[duty.about], at=now)


def _complain(grievance: Grievance, known: Mapping[str, EntityRef], *, now: datetime) -> None:
    here, own = clock.local(now), current_actor().user_id
    moment = datetime.combine(_working_day(here.date(), ago=grievance.ago), grievance.at, tzinfo=here.tzinfo)
    draft = Draft(
        what=grievance.what,
        details=grievance.details,
        priority=grievance.priority,
        contact_id=known[grievance.about].id,
        assignee_id=own,
    )
    complaint = complaint_queries.complaint(complaints.enter(draft, at=moment))
    if grievance.settled:
        complaint.acknowledge(by=own, at=moment + timedelta(hours=1))
        complaint.settle(how=grievance.settled, by=own, at=moment + timedelta(days=1))


def _move(contact_id: UUID, *, to: str, role: str, on: date) -> None:
    employment = next(own for own, *_ in employments.employers_of(contact_id) if own.until is None)
    mails = {point.id for point in employments.reached_at(contact_id) if point.kind is PointKind.EMAIL}
    affiliations.move(employment, company=to, role=role, on=on, ending=mails)


def _working_day(today: date, *, ago: int) -> date:
    """``ago`` counts from 1: the last day before today on which people work."""
    day = today
    while ago:
        day -= timedelta(days=1)
        ago -= day.weekday() < _SATURDAY and (day.month, day.day) not in _CLOSED
    return day
