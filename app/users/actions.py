from __future__ import annotations

from uuid import UUID

from app.users.models import User
from tenants.db import db
from tenants.models import Role


def add_user(*, user_id: UUID, name: str, email: str, role: Role) -> User:
    """Mirror a membership into the tenant; done twice it is done once."""
    user = db.session.get(User, user_id)
    if user is None:
        user = User(id=user_id, name=name, email=email, role=role)
        db.session.add(user)
        db.session.flush()
    return user
