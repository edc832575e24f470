from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.activities import actions as activities
from app.activities.models import ActivityKind
from app.companies.entity import COMPANY
from app.contacts.entity import CONTACT
from app.core import access
from app.core.entities import EntityRef, create_records
from app.demo import firms, past, queries
from app.demo.firms import Firm, Member
from app.demo.queries import Staff
from app.signup import actions as signup
from app.signup.actions import Wish
from app.users import actions as users
from config.settings import settings
from tenants import identities
from tenants.context import Actor, Origin, tenant_scope
from tenants.db import platform_work, unit_of_work
from tenants.errors import NotAllowed
from tenants.models import Membership, Role, Tenant
from tenants.provisioning import SlugTaken


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
    4. The complaints of the year come in, one after the other, each taken down by its member.
    5. A colleague greets the owner, so that there is something to read at the bell.

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
    """The complaints come last."""
    staff = queries.staff_of(firm)
    if staff is None:
        return False
    with tenant_scope(staff.tenant.scope()), unit_of_work():
        return queries.complaints_entered() >= len(firm.grievances)


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
    for member in firm.members:
        with _acting(firm, staff, member):
            own = staff.members[member.email]
            if not queries.has_written(own.id):
                users.add_user(user_id=own.id, name=member.name, email=member.email, role=own.role)
                _enter(firm, member, now=now)
    _fill_with_complaints(firm, staff, now=now)


def _fill_with_complaints(firm: Firm, staff: Staff, *, now: datetime) -> None:
    """Each by whom it was told, in the order of the year: so their numbers are in order too."""
    members = {member.name: member for member in firm.members}
    with _acting(firm, staff, firm.members[0]):
        known = queries.by_name()
    is_last = False
    for place, grievance in enumerate(firm.grievances):
        with _acting(firm, staff, members[grievance.by]):
            if queries.complaints_entered() == place:
                past.complain(grievance, known, now=now)
                is_last = place == len(firm.grievances) - 1
    if is_last:
        _greet(firm, staff, known, now=now)


def _greet(firm: Firm, staff: Staff, known: Mapping[str, EntityRef], *, now: datetime) -> None:
    """Now, and not in the invented past."""
    about, text = firm.greeting
    with _acting(firm, staff, firm.members[1], source="web"):
        activities.record(ActivityKind.NOTE, body=text, about=known[about], at=now)


@contextmanager
def _acting(firm: Firm, staff: Staff, member: Member, *, source: str = "demo") -> Iterator[None]:
    """One transaction of a member's; whoever else builds waits until it ends."""
    own = staff.members[member.email]
    permissions = access.permissions_of(own.role)
    actor = Actor(user_id=own.id, name=member.name, permissions=permissions, locale=firm.locale)
    with tenant_scope(staff.tenant.scope(), actor=actor, origin=Origin(source=source)), unit_of_work():
        queries.hold(staff.members[firm.members[0].email].id)
        yield


def _enter(firm: Firm, member: Member, *, now: datetime) -> None:
    if member == firm.members[0]:
        create_records(COMPANY, firm.companies)
        create_records(CONTACT, firm.contacts)
        past.spread(now=now)
    known = queries.by_name()
    if member == firm.members[0]:
        past.mark(firm.marks, known)
    for happening in firm.told_by(member):
        past.tell(happening, known, now=now)
    for duty in firm.duties:
        if duty.by == member.name:
            past.assign(duty, known, now=now)
