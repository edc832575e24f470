"""Which SQL a page sends, by pg_stat_statements: counted apart from the timed requests, for counting costs time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

_ENTERING = (
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SET ",
    "DEALLOCATE",
    "SELECT pg_stat",
    "ALTER SYSTEM",
    "SELECT pg_reload",
)
_SEEN = """
SELECT query, calls FROM pg_stat_statements JOIN pg_roles r ON r.oid = userid
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY query"""
_SETTLED = 0.2


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Statements of some requests, without those that begin, end and enter a transaction."""

    calls: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.calls.values())


def counted(database_url: str, work: Callable[[], None]) -> Seen:
    with psycopg.connect(database_url, autocommit=True) as connection:
        _track(connection, "top")
        connection.execute("SELECT pg_stat_statements_reset()")
        work()
        seen = connection.execute(_SEEN).fetchall()
        _track(connection, "none")
    return Seen(calls={query: calls for query, calls in seen if not query.startswith(_ENTERING)})


def _track(connection: psycopg.Connection, which: str) -> None:
    connection.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{which}'".encode())
    connection.execute("SELECT pg_reload_conf()")
    # Other sessions read the new setting between two statements.
    time.sleep(_SETTLED)
