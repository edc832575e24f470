from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from tenants.db import platform_reading
from tenants.errors import NotFound
from tenants.models import Mail

NEWEST = 50


def newest() -> Sequence[Mail]:
    with platform_reading() as session:
        return session.scalars(select(Mail).order_by(Mail.created_at.desc(), Mail.id.desc()).limit(NEWEST)).all()


def mail(mail_id: UUID) -> Mail:
    """Raises NotFound."""
    with platform_reading() as session:
        found = session.get(Mail, mail_id)
    if found is None:
        raise NotFound
    return found
