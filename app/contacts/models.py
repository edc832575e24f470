from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Computed, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import keys
from app.core.fields import Values
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


def key_of(values: Values) -> str:
    """By which contacts are sorted, and known to be called the same."""
    return keys.sort_key(values.get("family_name") or "", values.get("given_name") or "")


def columns_of(values: Values, words: Iterable[str]) -> dict[str, str | None]:
    """What is stored of what was entered; ``words`` are those by which the contact points find it."""
    given, family, number = (values.get(name) or "" for name in ("given_name", "family_name", "number"))
    return {
        "salutation": values.get("salutation"),
        "title": values.get("title"),
        "given_name": given,
        "family_name": family,
        "display_name": f"{given} {family}".strip(),
        "number": values.get("number"),
        "sort_key": key_of(values),
        "own_text": keys.search_text([given, family, number, *words]),
    }
