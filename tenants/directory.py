"""What a firm says of itself in the directory, changed by its own people. Every process reads it with each request and
each job; nobody keeps it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import update

from tenants.context import current_scope
from tenants.db import platform_work
from tenants.models import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    name: str
    country: str
    """ISO 3166-1 alpha-2."""

    timezone: str
    locale: str


def describe(description: Description) -> None:
    """The current tenant, in a transaction of its own. Done twice it is done once."""
    _change(asdict(description))


def show_logo(file_id: UUID | None) -> None:
    """A file of the current tenant stands beside its name from the next page on; with None the first letter does."""
    _change({"logo_id": file_id})


def _change(values: dict[str, object]) -> None:
    with platform_work() as session:
        session.execute(update(Tenant).where(Tenant.id == current_scope().tenant_id).values(values))
