from __future__ import annotations

from uuid import UUID

from app.contacts.models import Contact
from app.core import records


def contact(contact_id: UUID) -> Contact:
    """Raises NotFound."""
    return records.load(Contact, contact_id)
