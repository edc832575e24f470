"""A backup is written: everything as it is at one moment, while people go on working."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from tenants import clock, engines, filestores
from tenants.backup import archive, people, tables
from tenants.backup.archive import File, Manifest, Writer
from tenants.backup.tables import Tell
from tenants.errors import NotFound

OF_THE_FIRM = ("id", "slug", "name", "locale", "country", "timezone", "logo_id")
"""What a backup keeps of its row in the directory."""

_PIECE = 1 << 20
_TOLD_EVERY = 100
_FIRM = """
SELECT id::text, slug, name, locale, country, timezone, logo_id::text, pg_schema, revision FROM platform.tenants
WHERE id = %s AND erased_at IS NULL AND to_regnamespace(pg_schema) IS NOT NULL"""
# A firm that could not be migrated may be older than the column.
_FILES = "SELECT id::text, size, sha256 FROM files f WHERE to_jsonb(f) ->> 'removed_at' IS NULL ORDER BY id"


class NothingToKeep(NotFound):
    """This account has nothing that could be kept: it was erased."""

    code = "nothing_to_keep"


def write(tenant_id: UUID, to: Path, *, tell: Tell) -> Manifest:
    """Into this file, which is there whole or not at all.

    Raises NothingToKeep, FilesSilent, OSError, psycopg.Error.
    """
    with engines.provisioner() as connection:
        firm = _firm(connection, tenant_id)
        # A schema is not migrated while it is copied.
        connection.execute("SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", [f"migrate:{firm['pg_schema']}"])
        with archive.writing(to) as out:
            manifest = _written(out, connection, _firm(connection, tenant_id), tell=tell)
            out.finish(manifest)
    return manifest


def _firm(connection: psycopg.Connection, tenant_id: UUID) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_FIRM, [tenant_id]).fetchone()
    if found is None:
        raise NothingToKeep
    return found


def _written(out: Writer, connection: psycopg.Connection, firm: Mapping[str, Any], *, tell: Tell) -> Manifest:
    pg_schema, now = firm["pg_schema"], clock.now()
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        digest = out.people(people.written(connection, UUID(firm["id"])))
        with tables.entered(connection, pg_schema):
            copied = list(tables.write(connection, pg_schema, out, tell=tell))
            wanted = [File(id=row[0], size=row[1], sha256=row[2]) for row in connection.execute(_FILES)]
    kept = list(_files(out, firm["id"], wanted, tell=tell))
    return Manifest(
        made_at=now.isoformat(),
        revision=firm["revision"],
        firm={name: firm[name] for name in OF_THE_FIRM},
        people=digest,
        tables=copied,
        files=kept,
        missing=sorted({file.id for file in wanted} - {file.id for file in kept}),
    )


def _files(out: Writer, tenant_id: str, wanted: Sequence[File], *, tell: Tell) -> Iterator[File]:
    """Those whose bytes are found; a file can be removed while the others are copied."""
    store = filestores.store()
    for number, file in enumerate(wanted, 1):
        try:
            path = store.path(f"{tenant_id}/{file.id}")
            with path.open("rb") as stream, out.file(file.id) as part:
                shutil.copyfileobj(stream, part, _PIECE)
        except (NotFound, FileNotFoundError):
            tell(f"The bytes of file {file.id} are not there.")
            continue
        if part.sha256 != file.sha256:
            tell(f"The bytes of file {file.id} are not those that were kept once.")
        if number % _TOLD_EVERY == 0 or number == len(wanted):
            tell(f"{number} of {len(wanted)} files")
        yield File(id=file.id, size=part.size, sha256=part.sha256)
