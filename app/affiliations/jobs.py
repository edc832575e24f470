from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.affiliations import actions
from app.affiliations.models import Affiliation
from tenants.jobs import job


@job
def retell_staff(*, company_id: str) -> None:
    """A company may be called otherwise now, and its people are found by its name."""
    there = aliased(Affiliation)
    staff = select(there.contact_id).where(there.company_id == UUID(company_id))
    actions.retell(of=Affiliation.contact_id.in_(staff))
