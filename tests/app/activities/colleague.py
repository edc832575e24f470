"""A second person in a firm, known to the firm only, as one that is named or given a task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from tests.firms import Firm


@contextmanager
def grace_of(firm: Firm) -> Iterator[UUID]:
    """Grace Hopper; gone again afterwards, with everything that was written down meanwhile."""
    from sqlalchemy import delete

    from app.activities.models import Activity, Link, Mention
    from app.users import actions as users
    from app.users.models import User
    from tenants.db import new_id
    from tenants.models import Role

    user_id = new_id()
    with firm.work():
        users.add_user(user_id=user_id, name="Grace Hopper", email="grace@acme.example", role=Role.MEMBER)
    yield user_id
    with firm.work() as session:
        for model in (Mention, Link, Activity):
            session.execute(delete(model))
        session.execute(delete(User).where(User.id == user_id))
