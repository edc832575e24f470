"""What somebody may do today who began something that goes on without them."""

from __future__ import annotations

from uuid import UUID

from app.core import access
from app.users.models import User
from tenants.db import db


def may_today(user_id: UUID | None) -> frozenset[str]:
    user = db.session.get(User, user_id) if user_id else None
    return access.permissions_of(user.role) if user is not None and user.active else frozenset()
