from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import keys
from app.core.fields import Values
from tenants.db import Versioned


class Company(Versioned):
    """An organisation the tenant deals with."""

    __tablename__ = "companies"
    __table_args__ = (
        Index("ix_companies_number", "number", unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("ix_companies_sort", "sort_key", "id", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_companies_recent", "updated_at", "id", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "ix_companies_search",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    name: Mapped[str]
    industry: Mapped[str | None]
    number: Mapped[str | None] = mapped_column(String(collation="C"))
    """By which the customer is known in the books."""

    sort_key: Mapped[str] = mapped_column(String(collation="C"))
    search_text: Mapped[str] = mapped_column(String(collation="C"))


def key_of(values: Values) -> str:
    """By which companies are sorted, and known to be called the same."""
    return keys.sort_key(values.get("name") or "")


def columns_of(values: Values, words: Iterable[str]) -> dict[str, str | None]:
    """What is stored of what was entered; ``words`` are those by which the contact points find it."""
    name, industry, number = values.get("name") or "", values.get("industry"), values.get("number")
    return {
        "name": name,
        "industry": industry,
        "number": number,
        "sort_key": key_of(values),
        "search_text": keys.search_text([name, industry or "", number or "", *words]),
    }
