"""Further users of a firm, for tests: who they are, and the browser in which they are logged in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import delete

from tests.firms import PASSWORD, Firm, Visitor


@dataclass(frozen=True)
class Colleague:
    firm: Firm
    user_id: UUID
    identity_id: UUID
    name: str
    email: str
    token: str

    def client(self) -> Visitor:
        client = Visitor(self.firm.app)
        with client.session_transaction() as session:
            session["_user_id"] = self.token
            session["_fresh"] = True
        return client


def colleague(firm: Firm, *, name: str = "Bodo Berg", role: str = "member", email: str = "") -> Colleague:
    """Asked for again, it is the same person: active, with this name and role."""
    from app.users.models import User
    from tenants import identities
    from tenants.db import platform_work
    from tenants.models import Identity, Membership, Role

    email = email or f"{name.lower().replace(' ', '.')}@{firm.scope.slug}.example"
    with firm.app.app_context():
        password_hash = _hash(PASSWORD)
        with platform_work() as session:
            found = identities.find_or_add(session, email=email, name=name, password_hash=password_hash, locale="en")
            identity = session.get_one(Identity, found.id)
            identity.name, identity.password_hash = name, password_hash
            joined = identities.join(session, tenant_id=firm.scope.tenant_id, identity_id=identity.id, role=Role(role))
            membership = session.get_one(Membership, joined.id)
            membership.role, membership.active = Role(role), True
        token = identities.open_session(identity.id)
    with firm.work() as session:
        user = session.get(User, membership.id) or User(id=membership.id)
        user.name, user.email, user.role, user.active = name, email, Role(role), True
        session.add(user)
    return Colleague(firm=firm, user_id=user.id, identity_id=identity.id, name=name, email=email, token=token)


def only_owners(*firms: Firm) -> None:
    """Whoever a story brought into these firms is gone again."""
    from app.users.models import User
    from tenants.db import platform_work
    from tenants.models import Membership

    for firm in firms:
        with firm.work() as session:
            session.execute(delete(User).where(User.id != firm.owner_id))
        others = (Membership.tenant_id == firm.scope.tenant_id) & (Membership.id != firm.owner_id)
        with firm.app.app_context(), platform_work() as session:
            session.execute(delete(Membership).where(others))


@cache
def _hash(password: str) -> str:
    from tenants import identities

    return identities.hash_password(password)


def leave(one: Colleague) -> None:
    """Deactivated, as an administrator does it, with nothing to hand over."""
    from app.users.models import User
    from tenants.db import platform_work
    from tenants.models import Membership

    with one.firm.app.app_context(), platform_work() as session:
        session.get_one(Membership, one.user_id).active = False
    with one.firm.work() as session:
        session.get_one(User, one.user_id).active = False
