from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.companies.models import Company
from app.core import access, keys, records
from tenants.db import db


def company(company_id: UUID) -> Company:
    """Raises NotFound."""
    return records.load(Company, company_id)


def is_any_called(name: str) -> bool:
    """However it is spelt in capitals or umlauts, as ``actions.find_or_add`` finds it."""
    called = access.visible(Company).where(Company.sort_key == keys.sort_key(name)).exists()
    return bool(db.session.scalar(select(called)))
