"""Steps of a tenant's migration that do not fit into its transaction. A file declares them beside ``upgrade()``:

    afterwards = (concurrently("ix_contacts_born", on="contacts (born)"), in_batches("UPDATE ... LIMIT 1000"))

They run when its transaction is saved, in this order, each until it is done; which are done is written down, so a
migration that was interrupted goes on with the next one. The versions before must live with what is half done.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index that is made while people work."""

    name: str
    on: str
    unique: bool

    @property
    def statement(self) -> str:
        return f"CREATE {'UNIQUE ' if self.unique else ''}INDEX {self.name} ON {self.on}"

    @property
    def statement_beside_work(self) -> str:
        return self.statement.replace("INDEX", "INDEX CONCURRENTLY", 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """A statement that is repeated, each time in a transaction of its own, until it changes no row any more."""

    statement: str


Step = Index | Batches


def concurrently(name: str, *, on: str, unique: bool = False) -> Index:
    """``on``: table, columns and whatever follows, as in ``contacts (born) WHERE deleted_at IS NULL``."""
    return Index(name=name, on=on, unique=unique)


def in_batches(statement: str) -> Batches:
    """An UPDATE or DELETE of at most some thousand rows; each run must leave fewer rows for the next."""
    return Batches(statement=statement)
