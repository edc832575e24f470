from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Versioned
from tenants.models import stored


class PointKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    WEB = "web"


class PointLabel(StrEnum):
    WORK = "work"
    MOBILE = "mobile"
    PRIVATE = "private"
    FAX = "fax"
    OTHER = "other"


class ContactPoint(Versioned):
    """One way to reach exactly one owner. A work mail ends with the job (``until``) and still finds the
    person.
    """

    __tablename__ = "contact_points"
    __table_args__ = (
        CheckConstraint("num_nonnulls(contact_id, company_id) = 1", name="one_owner"),
        Index(None, "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index(None, "company_id", postgresql_where=text("company_id IS NOT NULL")),
        Index(None, "normalised"),
    )

    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contacts.id"))
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"))
    kind: Mapped[PointKind] = mapped_column(stored(PointKind))
    label: Mapped[PointLabel] = mapped_column(stored(PointLabel))
    value: Mapped[str]
    """As people write it; an address on one line."""

    normalised: Mapped[str] = mapped_column(String(collation="C"))
    """As it is compared: digits of a phone with its country's, lower case of a mail."""

    street: Mapped[str | None]
    postal_code: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str | None]
    """ISO 3166-1 alpha-2."""

    position: Mapped[int]
    since: Mapped[date | None]
    until: Mapped[date | None]
    """Exclusive: on this day it no longer holds."""

    def words(self) -> tuple[str, ...]:
        """What of it a search finds."""
        return (self.normalised, self.postal_code or "", self.city or "")
