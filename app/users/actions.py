"""Who may work here, as what: invited, with a role, sent away with a hand-over, let back in.

The platform decides first, in a transaction of its own; the tenant's row follows. Interrupted between the two, the same
action can be done again.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import access
from app.core.features import features
from app.users import letters, queries
from app.users.models import User
from tenants import invitations, mail, memberships, registry
from tenants.context import Origin, current_actor, current_scope, tenant_scope
from tenants.db import db, platform_work, unit_of_work
from tenants.errors import Conflict, Invalid
from tenants.invitations import Guest, Newcomer, Opened, Taken
from tenants.memberships import OwnersOnly
from tenants.models import Invitation, Role, Tenant


class AlreadyUser(Conflict):
    """This address belongs to somebody who is in the list of users already."""

    code = "already_user"


class NoHeir(Invalid):
    """Please choose somebody who is active and stays."""

    code = "no_heir"


def add_user(*, user_id: UUID, name: str, email: str, role: Role) -> User:
    """Mirror a membership into the tenant; done twice, even at once, it is done once."""
    mirrored = insert(User).values(id=user_id, name=name, email=email, role=role).on_conflict_do_nothing()
    db.session.execute(mirrored)
    queries.forget_offered()
    return db.session.get_one(User, user_id)


def invite(guest: Guest) -> None:
    """Write to an address; whoever was invited before gets a new link.

    Raises AlreadyUser; OwnersOnly.
    """
    _may_give(guest.role)
    if queries.is_user(guest.email):
        raise AlreadyUser
    _write(lambda session: invitations.invite(session, guest))


def send_again(invitation_id: UUID) -> None:
    """With a new link; the old one is dead.

    Raises NotFound.
    """
    _write(lambda session: invitations.renew(session, invitation_id))


def _may_give(role: Role) -> None:
    if role is Role.OWNER and not access.may("users.own"):
        raise OwnersOnly


def _write(keep: Callable[[Session], tuple[Invitation, str]]) -> None:
    """In the firm's language: nobody knows the guest's yet."""
    tenant = registry.find(current_scope().tenant_id)
    with platform_work() as session, force_locale(tenant.locale):
        invitation, token = keep(session)
        subject, body = letters.invitation(invitation, firm=tenant.name, inviter=current_actor().name, token=token)
        about = invitations.about(invitation)
        mail.post(session, to=invitation.email, subject=subject, body=body, about=about)


def accept(token: str, opened: Opened, newcomer: Newcomer | None) -> Taken:
    """Let the guest in. Killed at any point it can be called again; done twice it is done once.

    1. The invited address is an identity and a member of the firm.
    2. The firm itself knows its new user.
    3. The invitation is settled.

    Raises TenantSuspended, LinkExpired, AccountNeeded.
    """
    scope = opened.tenant.scope()
    taken = invitations.take(token, newcomer)
    who, identity = taken.membership, taken.identity
    with tenant_scope(scope, origin=Origin(source="invitation")), unit_of_work():
        add_user(user_id=who.user_id, name=identity.name, email=identity.email, role=who.role)
    invitations.settle(token)
    return taken


def give_role(user: User, role: Role) -> None:
    """Raises NotAllowed, OwnersOnly, LastOwner."""
    memberships.give_role(user.id, role=role)
    user.role = role


def deactivate(user: User, *, heir: UUID | None) -> int:
    """From the next request on nothing opens for them; answers how much the heir takes over.

    Raises NoHeir, NotAllowed, OwnersOnly, LastOwner.
    """
    if heir is not None and not queries.can_inherit(heir, from_user=user.id):
        raise NoHeir
    memberships.deactivate(user.id)
    user.active = False
    queries.forget_offered()
    if heir is None:
        return 0
    return sum(feature.handover(user.id, heir) for feature in features if feature.handover is not None)


def reactivate(user: User) -> None:
    """Raises NotAllowed, OwnersOnly."""
    memberships.reactivate(user.id)
    user.active = True
    queries.forget_offered()


def retell(identity_id: UUID, *, name: str, email: str) -> None:
    """Somebody is called or reached differently: each firm they belong to hears it, one after the other."""
    for tenant, user_id in memberships.of_identity(identity_id):
        _retell(tenant, user_id, name=name, email=email)


def _retell(tenant: Tenant, user_id: UUID, *, name: str, email: str) -> None:
    with tenant_scope(tenant.scope(), origin=Origin(source="profile")), unit_of_work() as session:
        user = session.get(User, user_id, with_for_update=True)
        if user is not None:
            user.name, user.email = name, email
            queries.forget_offered()
