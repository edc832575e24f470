"""Being the only one: of all processes that want to do something, one does it and the others wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from tenants import clock, engines
from tenants.waiting import is_readable

_ANYTHING = text("SELECT 1")
_SECONDS = 1.0


class Lead:
    """The leadership of one process. It ends with the connection, so a killed leader is followed at once."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._asks_at = 0.0

    def take(self) -> bool:
        """Try to become the leader, without waiting."""
        lock = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
        return bool(self._connection.scalar(lock, {"name": self._name}))

    def holds(self) -> bool:
        """Whether we lead still: a connection that broke has taken the lock with it.

        Asked twenty times a second it only looks whether the server has hung up, and asks it once a second.
        """
        if clock.stopwatch() < self._asks_at:
            return not self._is_hung_up()
        self._asks_at = clock.stopwatch() + _SECONDS
        try:
            self._connection.execute(_ANYTHING)
        except SQLAlchemyError:
            return False
        return True

    def _is_hung_up(self) -> bool:
        """Nobody asked, so only the end of the connection can be read."""
        wire = self._connection.connection.driver_connection
        return wire is None or wire.closed or is_readable(wire.fileno())

    def give_up(self) -> None:
        self._connection.invalidate()


@contextmanager
def candidate(name: str) -> Iterator[Lead]:
    """A connection of its own on which to become the leader; the lock ends with it."""
    with _engine().connect() as connection:
        lead = Lead(connection, name)
        try:
            yield lead
        finally:
            lead.give_up()


@cache
def _engine() -> Engine:
    """Past any pooler: the lock belongs to the session, which a pooler would give to somebody else."""
    return create_engine(
        engines.direct_url(), poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=engines.TCP
    )
