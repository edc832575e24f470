"""The tables of one tenant's schema as streams of binary COPY: out of it, into it, and compared with a backup.

All of it happens in a transaction of a provisioner that has entered the schema (``entered``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO

import psycopg
from psycopg import sql

from tenants import engines
from tenants.backup.archive import Archive, DamagedBackup, Manifest, Table, Writer

Tell = Callable[[str], None]
"""Hears a line for each part that is done."""

_BUFFER = 1 << 18
_HEAD, _TAIL = 19, b"\xff\xff"
"""Of the format: bytes before the first row, and what follows the last (PostgreSQL, "COPY", Binary Format)."""

_MODULUS = 1 << 256
_LEFT_OUT = "alembic_version"
"""The migrations of the schema write it."""

_COLUMNS = """
SELECT c.relname, json_object_agg(a.attname, format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r' AND c.relname <> %s
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname"""


class BackupDoesNotFit(DamagedBackup):
    """What came out of this backup is not what went into it: %(reason)s. Nothing was changed."""

    code = "backup_does_not_fit"


@contextmanager
def entered(connection: psycopg.Connection, pg_schema: str) -> Iterator[None]:
    """As owner of the schema; rows are taken as they are, without triggers."""
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute(f"SET LOCAL ROLE {engines.OWNER}".encode())
    connection.execute(sql.SQL("SET LOCAL search_path = {}, ext, pg_temp").format(sql.Identifier(pg_schema)))
    yield
    connection.execute("RESET ROLE")
    connection.execute("SET LOCAL session_replication_role = origin")
    connection.execute("SET LOCAL search_path = pg_catalog, pg_temp")


class _Content:
    """What the rows of a table hash to, in whatever order they lie."""

    def __init__(self) -> None:
        self._sum = 0
        self.rows = 0

    def add(self, row: bytes) -> None:
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(row).digest())) % _MODULUS
        self.rows += 1

    def __str__(self) -> str:
        return f"{self._sum:064x}"


def columns(connection: psycopg.Connection, pg_schema: str) -> Mapping[str, Mapping[str, str]]:
    """By table and name, the type of each stored column."""
    return dict(connection.execute(_COLUMNS, [pg_schema, _LEFT_OUT]).fetchall())


def write(connection: psycopg.Connection, pg_schema: str, out: Writer, *, tell: Tell) -> Iterator[Table]:
    for name, found in columns(connection, pg_schema).items():
        with out.table(name) as part:
            content = _copied(connection, name, found, part.write)
        if content.rows:
            tell(f"{name}: {content.rows} rows")
        yield Table(name=name, columns=found, rows=content.rows, content=str(content), sha256=part.sha256)


def _copied(
    connection: psycopg.Connection, name: str, found: Mapping[str, str], write: Callable[[bytearray], object]
) -> _Content:
    waiting, content = bytearray(), _Content()
    with connection.cursor() as cursor, cursor.copy(_statement(name, found, "TO STDOUT")) as copy:
        for piece in copy:
            # The first comes with the head before it.
            row = bytes(piece[0 if waiting or content.rows else _HEAD :])
            if row and row != _TAIL:
                content.add(row)
            waiting += piece
            if len(waiting) > _BUFFER:
                write(waiting)
                waiting = bytearray()
    write(waiting)
    return content


def _statement(name: str, found: Mapping[str, str], direction: str) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, found))
    return sql.SQL("COPY {} ({}) {} (FORMAT binary)").format(sql.Identifier(name), names, sql.SQL(direction))


def load(connection: psycopg.Connection, pg_schema: str, archive: Archive, *, tell: Tell) -> None:
    """Into the tables of a new schema at the revision of the backup; what its migrations put there gives way.

    Raises BackupDoesNotFit.
    """
    _check(columns(connection, pg_schema), archive.manifest)
    for table in archive.manifest.tables:
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        with archive.table(table.name) as part:
            _fill(connection, table, part)
        if table.rows:
            tell(f"{table.name}: {table.rows} rows")


def _check(here: Mapping[str, Mapping[str, str]], manifest: Manifest) -> None:
    there = {table.name: table.columns for table in manifest.tables}
    other = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
    if other:
        raise BackupDoesNotFit(reason=", ".join(other))


def _fill(connection: psycopg.Connection, table: Table, part: IO[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(_statement(table.name, table.columns, "FROM STDIN")) as copy:
        while piece := part.read(_BUFFER):
            copy.write(piece)


def compare(connection: psycopg.Connection, pg_schema: str, manifest: Manifest) -> None:
    """Every row of every table, as COPY tells it.

    Raises BackupDoesNotFit.
    """
    _check(columns(connection, pg_schema), manifest)
    for table in manifest.tables:
        if str(_copied(connection, table.name, table.columns, _forget)) != table.content:
            raise BackupDoesNotFit(reason=table.name)


def _forget(_piece: bytearray) -> None:
    """Only what it hashes to is wanted."""
