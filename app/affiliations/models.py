from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Versioned
from tenants.errors import Conflict


class EndsBeforeItBegan(Conflict):
    """This ends before it began."""

    code = "ends_before_it_began"


class Affiliation(Versioned):
    """A contact works for a company. Someone may have several employers, and return to one of them."""

    __tablename__ = "affiliations"
    __table_args__ = (
        CheckConstraint("until > since", name="order"),
        Index(None, "contact_id"),
        Index(None, "company_id"),
    )

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id"))
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    role: Mapped[str]
    since: Mapped[date | None]
    until: Mapped[date | None]
    """Exclusive: on this day the person is no longer there."""

    def hold(self, *, since: date | None, until: date | None) -> None:
        """Raises EndsBeforeItBegan."""
        if since is not None and until is not None and until <= since:
            raise EndsBeforeItBegan
        self.since, self.until = since, until
