from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Computed, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import keys
from tenants.db import Versioned


class Contact(Versioned):
    """A person the tenant deals with."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_number", "number", unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("ix_contacts_sort", "sort_key", "id", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_contacts_recent", "updated_at", "id", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "ix_contacts_search",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    salutation: Mapped[str | None]
    title: Mapped[str | None]
    given_name: Mapped[str]
    family_name: Mapped[str]
    display_name: Mapped[str]
    number: Mapped[str | None] = mapped_column(String(collation="C"))
    """By which the customer is known in the books."""

    sort_key: Mapped[str] = mapped_column(String(collation="C"))
    own_text: Mapped[str] = mapped_column(String(collation="C"))
    """Found by: the name, and what the contact points say."""

    beside_text: Mapped[str] = mapped_column(String(collation="C"), default="")
    """Found by: what other features know, as the names of employers; they write it."""

    search_text: Mapped[str] = mapped_column(String(collation="C"), Computed("own_text || beside_text", persisted=True))

    def rename(self, *, salutation: str | None, title: str | None, given_name: str, family_name: str) -> None:
        self.salutation, self.title = salutation, title
        self.given_name, self.family_name = given_name, family_name
        self.display_name = display_name(given_name, family_name)
        self.sort_key = keys.sort_key(family_name, given_name)

    def be_found_by(self, words: Iterable[str]) -> None:
        self.own_text = found_by(self.given_name, self.family_name, [self.number or "", *words])


def display_name(given_name: str, family_name: str) -> str:
    return f"{given_name} {family_name}".strip()


def found_by(given_name: str, family_name: str, words: Iterable[str]) -> str:
    return keys.search_text([given_name, family_name, *words])
