from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from app.companies.models import Company
from app.core import access, keys, records
from tenants.db import db

_OFFERED = 6


def company(company_id: UUID) -> Company:
    """Raises NotFound."""
    return records.load(Company, company_id)


def is_any_called(name: str) -> bool:
    """However it is spelt in capitals or umlauts, as ``actions.find_or_add`` finds it."""
    called = access.visible(Company).where(Company.sort_key == keys.sort_key(name)).exists()
    return bool(db.session.scalar(select(called)))


def called_almost(name: str) -> Sequence[str]:
    """Known names that begin like this one; none where a company is called exactly so.

    Whoever may not see companies is told of none.
    """
    key = keys.sort_key(name)
    if not key or not access.may("companies.read"):
        return ()
    found = db.session.scalars(_beginning(key).limit(_OFFERED)).all()
    return () if any(keys.sort_key(one) == key for one in found) else found


def offered(words: str) -> Sequence[str]:
    """Names that begin with what somebody has typed so far."""
    key = keys.sort_key(words)
    return db.session.scalars(_beginning(key).limit(_OFFERED)).all() if key else ()


def _beginning(key: str) -> Select[str]:
    begins = Company.sort_key.startswith(key, autoescape=True)
    return access.visible(Company).with_only_columns(Company.name).where(begins).order_by(Company.sort_key, Company.id)
