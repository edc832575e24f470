"""Being the only one: of all processes that want to do something, one does it and the others wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from tenants.db import PLATFORM_BIND, db


class Lead:
    """The leadership of one process. It ends with the connection, so a killed leader is followed at once."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def take(self) -> bool:
        """Try to become the leader, without waiting."""
        lock = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
        return bool(self._connection.scalar(lock, {"name": self._name}))

    def holds(self) -> bool:
        """Whether we lead still: a connection that broke has taken the lock with it."""
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def give_up(self) -> None:
        self._connection.invalidate()


@contextmanager
def candidate(name: str) -> Iterator[Lead]:
    """A connection of its own on which to become the leader; the lock ends with it."""
    engine = db.engines[PLATFORM_BIND]
    with engine.connect() as connection:
        lead = Lead(connection, name)
        try:
            yield lead
        finally:
            lead.give_up()
