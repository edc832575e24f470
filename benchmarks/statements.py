"""How many SQL statements a page sends, by pg_stat_statements."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

_ENTERING = ("BEGIN", "COMMIT", "ROLLBACK", "SET ", "DEALLOCATE", "SELECT pg_stat")
_SEEN = """
SELECT query, calls FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def counted(database_url: str, work: Callable[[], None]) -> int:
    """Without those that begin, end and enter a transaction."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_statements_reset()")
        work()
        seen = connection.execute(_SEEN).fetchall()
    return sum(calls for query, calls in seen if not query.startswith(_ENTERING))
