"""What a role cannot stop (SET, RESET, DO, several statements in one text), the strict cursor refuses. Both cursors
count what they send, and tell of an error nothing that people have entered.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Self

import psycopg
from psycopg import pq
from psycopg._queries import PostgresQuery
from psycopg.abc import Params, PQGen, Query

from tenants.errors import NotAllowed

# For PostgreSQL a carriage return ends a line comment as well.
_COMMENT_OR_SPACE = re.compile(rb"\s+|--[^\n\r]*(?:[\n\r]|$)")
_FIRST_WORDS = re.compile(rb"([A-Za-z]+)(?:\s+([A-Za-z]+))?")
_ALLOWED = frozenset(
    {
        b"SELECT",
        b"INSERT",
        b"UPDATE",
        b"DELETE",
        b"WITH",
        b"VALUES",
        b"SAVEPOINT",
        b"RELEASE",
        b"EXPLAIN",
        b"SHOW",
    }
)
_COPY = frozenset({b"COPY"})
_WRITING = frozenset({b"INSERT", b"UPDATE", b"DELETE", b"COPY"})
_WRITES_INSIDE = re.compile(rb"\b(?:INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_WROTE = "has_written"

_sent = threading.local()


class StatementRefused(NotAllowed):
    """This kind of statement does not run for a tenant."""

    code = "statement_refused"


class CountedCursor(psycopg.Cursor[Any]):
    """Tells of a column its name and type: nobody here reads more, and all that psycopg can tell would take a
    twentieth of a page.
    """

    @property
    def description(self) -> Any:
        found = self.pgresult
        if found is None or found.status != pq.ExecStatus.TUPLES_OK:
            return None
        return [(_name(found.fname(i)), found.ftype(i), None, None, None, None, None) for i in range(found.nfields)]

    def execute(self, *statement: Any, **options: Any) -> Self:
        try:
            return super().execute(*statement, **options)
        except psycopg.Error as error:
            forget_values(error)
            raise

    def executemany(self, *statement: Any, **options: Any) -> None:
        try:
            super().executemany(*statement, **options)
        except psycopg.Error as error:
            forget_values(error)
            raise

    def _execute_send(self, query: PostgresQuery, *, force_extended: bool = False, binary: bool | None = None) -> None:
        sends(query.query)
        super()._execute_send(query, force_extended=force_extended, binary=binary)

    def _send_query_prepared(self, name: bytes, pgq: PostgresQuery, *, binary: bool | None = None) -> None:
        sends(pgq.query)
        super()._send_query_prepared(name, pgq, binary=binary)


class StrictCursor(CountedCursor):
    """Always the extended protocol, so that PostgreSQL itself refuses a second statement in the text.

    psycopg takes the simple protocol for a query without parameters; the doors to choose are private to
    psycopg, so its version is pinned and a test runs the attacks.
    """

    _copies = False

    def _execute_send(self, query: PostgresQuery, *, force_extended: bool = False, binary: bool | None = None) -> None:
        # Executed instead of copied, COPY would leave a connection that can never be rolled back.
        first = refuse_control(query.query, allowed=_COPY if self._copies else _ALLOWED)
        if first in _WRITING or (first == b"WITH" and _WRITES_INSIDE.search(query.query)):
            setattr(self.connection, _WROTE, True)
        super()._execute_send(query, force_extended=True, binary=binary)

    def _start_copy_gen(self, statement: Query, params: Params | None = None) -> PQGen[None]:
        self._copies = True
        try:
            yield from super()._start_copy_gen(statement, params)
        finally:
            self._copies = False


def forget_values(error: psycopg.Error) -> None:
    """Of the server's words only its first sentence stays: DETAIL and CONTEXT hold whole rows. Of data that does not
    fit a type (class 22) not even that, because it quotes them.

    Done where errors arise, so that no log, no report of a job and no tracker of errors ever has more.
    """
    if error.sqlstate:
        said = "" if error.sqlstate.startswith("22") else error.diag.message_primary or ""
        error.args = (f"SQLSTATE {error.sqlstate} {said}".strip(),)


@lru_cache(maxsize=4096)
def _name(written: bytes) -> str:
    return written.decode()


def sends(_statement: bytes) -> None:
    _sent.statements = statements_sent() + 1


def statements_sent() -> int:
    """By this thread, to any database, since it began."""
    return getattr(_sent, "statements", 0)


def has_written(connection: Any) -> bool:
    """Whether anything was written, or might have been, since ``begin``."""
    return bool(getattr(connection, _WROTE, False))


def begin(connection: psycopg.Connection) -> None:
    """A unit of work begins on this connection: nothing is written yet."""
    setattr(connection, _WROTE, False)


def refuse_control(statement: bytes, *, allowed: Collection[bytes] = _ALLOWED) -> bytes:
    """Let pass only statements that read and write rows, and savepoints; answers the first word.

    Raises StatementRefused.
    """
    words = _FIRST_WORDS.match(statement, _start(statement))
    first, second = (words.group(1).upper(), (words.group(2) or b"").upper()) if words else (b"", b"")
    if first in allowed or (first, second) == (b"ROLLBACK", b"TO"):
        return first
    raise StatementRefused(f"A tenant's session does not run {first.decode() or 'this'}.")


def _start(statement: bytes) -> int:
    """Where the first word begins, after blanks, comments (blocks nest in PostgreSQL) and brackets."""
    at = 0
    while at < len(statement):
        if skipped := _COMMENT_OR_SPACE.match(statement, at):
            at = skipped.end()
        elif statement.startswith(b"/*", at):
            at = _end_of_block(statement, at)
        elif statement.startswith(b"(", at):
            at += 1
        else:
            break
    return at


def _end_of_block(statement: bytes, at: int) -> int:
    depth = 0
    for mark in re.finditer(rb"/\*|\*/", statement[at:]):
        depth += 1 if mark.group() == b"/*" else -1
        if depth == 0:
            return at + mark.end()
    return len(statement)
