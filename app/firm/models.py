from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Versioned


class FirmSettings(Versioned):
    """Who the firm is; one row, or none where nobody has changed anything yet.

    It lies with the firm's own data, so that the journal tells who changed what and a backup holds it. Name, country,
    zone, language and logo are those of the directory (tenants.models.Tenant), which every request reads anyway; here
    they stand once more for the journal.
    """

    __tablename__ = "firm_settings"

    name: Mapped[str]
    legal_form: Mapped[str | None]
    street: Mapped[str | None]
    postal_code: Mapped[str | None]
    city: Mapped[str | None]
    vat_id: Mapped[str | None]
    """Without blanks, with the letters of its country (legal.py)."""

    tax_number: Mapped[str | None]
    iban: Mapped[str | None]
    """Without blanks."""

    country: Mapped[str]
    timezone: Mapped[str]
    locale: Mapped[str]
    upload_id: Mapped[UUID | None] = mapped_column(ForeignKey("files.id"))
    """A picture that a worker has still to look at before it is the logo."""

    logo_id: Mapped[UUID | None] = mapped_column(ForeignKey("files.id"))
    logo_is_unreadable: Mapped[bool] = mapped_column(default=False)
    """What was uploaded last could not be read as a picture."""
