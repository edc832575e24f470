from __future__ import annotations

from uuid import UUID

from app.companies.models import Company
from app.core import records


def company(company_id: UUID) -> Company:
    """Raises NotFound."""
    return records.load(Company, company_id)
