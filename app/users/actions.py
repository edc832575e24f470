from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.users.models import User
from tenants.db import db
from tenants.models import Role


def add_user(*, user_id: UUID, name: str, email: str, role: Role) -> User:
    """Mirror a membership into the tenant; done twice, even at once, it is done once."""
    mirrored = insert(User).values(id=user_id, name=name, email=email, role=role).on_conflict_do_nothing()
    db.session.execute(mirrored)
    return db.session.get_one(User, user_id)
