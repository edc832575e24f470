from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import keys
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

    def rename(self, *, name: str, industry: str | None) -> None:
        self.name, self.industry = name, industry
        self.sort_key = keys.sort_key(name)

    def be_found_by(self, words: Iterable[str]) -> None:
        """By the name, and by these words: what the contact points say."""
        self.search_text = found_by(self.name, self.industry, [self.number or "", *words])


def found_by(name: str, industry: str | None, words: Iterable[str]) -> str:
    return keys.search_text([name, industry or "", *words])
