"""A backup comes back: under another name, in the place of what a firm has now, or only to see whether it would.

1. The file is read once from end to end; a damaged one is refused.
2. The bytes of its files are put into the store, where bytes without a row are removed after a day.
3. One transaction makes the schema, fills it, compares it with the backup, and hands it to the firm.
4. A schema of an older version is brought to the newest one, as by ``kontor migrate``.

Killed before the end of the third step it is as if nothing had been begun; after it ``kontor migrate`` does the fourth.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import psycopg

from tenants import cache, clock, engines, filestores, migrating, migrations, provisioning, registry
from tenants.backup import archive, copies, export, people, tables
from tenants.backup.archive import Archive, BackupTooNew, Manifest
from tenants.backup.tables import Tell
from tenants.context import tenant_scope
from tenants.db import new_id, unit_of_work
from tenants.errors import Conflict, NotFound
from tenants.models import Tenant, TenantStatus
from tenants.provisioning import SlugTaken

_PIECE = 1 << 20

_BEGIN = """
INSERT INTO platform.tenants
  (id, created_at, name, pg_schema, cell, status, timezone, locale, country, logo_id, revision, closed_at)
VALUES (%(id)s, %(now)s, %(name)s, %(pg_schema)s, %(cell)s, 'closed', %(timezone)s, %(locale)s, %(country)s,
  %(logo_id)s, %(revision)s, %(now)s)"""
_OPEN = """
UPDATE platform.tenants SET slug = %(slug)s, status = 'open', opened_at = %(now)s, closed_at = NULL WHERE id = %(id)s"""
_LOCKED = "SELECT pg_schema FROM platform.tenants WHERE id = %s AND erased_at IS NULL FOR UPDATE"
_REPLACE = """
UPDATE platform.tenants SET pg_schema = %(pg_schema)s, revision = %(revision)s, migration_step = NULL,
  migration_error = NULL, next_due_at = NULL, name = %(name)s, timezone = %(timezone)s, locale = %(locale)s,
  country = %(country)s, logo_id = %(logo_id)s
WHERE id = %(id)s"""
_NO_LOGO = {"logo_id": None}
"""Of backups that were made before there were any."""

_TAKEN = "SELECT 1 FROM platform.tenants WHERE slug = %s"
_LIVES = "SELECT 1 FROM platform.tenants WHERE id = %s AND erased_at IS NULL"
_MARKS = "DELETE FROM platform.outbox WHERE role = %s"
_MARK = "INSERT INTO platform.outbox (role, note) VALUES (%s, 'changes'), (%s, 'due')"


class BackupOfAnother(Conflict):
    """This is the backup of another account. Bring it in under an address of its own: `kontor tenants import`."""

    code = "backup_of_another"


class NothingToReplace(NotFound):
    """This account was erased. Bring its backup in: `kontor tenants import`."""

    code = "nothing_to_replace"


def bring_in(path: Path, *, slug: str, name: str, tell: Tell) -> UUID:
    """As an account of its own; answers its id. Beside a firm that lives on nothing leaves the copy by itself.

    Raises DamagedBackup, BackupTooNew, BackupDoesNotFit, SlugTaken, FilesSilent, OSError, psycopg.Error.
    """
    with archive.opened(path) as found, engines.provisioner() as connection:
        manifest, now, tenant_id = _known(found), clock.now(), new_id()
        _refuse_taken(connection, slug)
        firm = {**_NO_LOGO, **manifest.firm, "id": tenant_id, "slug": slug, "now": now, "revision": manifest.revision}
        firm |= {"name": name or manifest.firm["name"], "pg_schema": provisioning.new_schema(), "cell": engines.CELL}
        connection.execute(_BEGIN, firm)
        _put_files(found, tenant_id, tell=tell)
        with connection.transaction():
            _refuse_taken(connection, slug)
            _fill(connection, firm["pg_schema"], found, tell=tell)
            if connection.execute(_LIVES, [manifest.firm["id"]]).fetchone():
                copies.silence(connection, firm["pg_schema"])
            people.bring(connection, found.people, tenant_id=tenant_id, now=now)
            connection.execute(_OPEN, firm)
            connection.execute(_MARK, [firm["pg_schema"]] * 2)
    migrating.catch_up(registry.find(tenant_id))
    return tenant_id


def replace(tenant_id: UUID, path: Path, *, keep: Path, tell: Tell) -> Manifest:
    """What the firm has now is kept in a file and goes, what the backup holds takes its place; its address and its plan
    stay. Between the two nobody writes.

    Raises DamagedBackup, BackupTooNew, BackupDoesNotFit, BackupOfAnother, NothingToReplace, FilesSilent, OSError,
    psycopg.Error.
    """
    with archive.opened(path) as found, engines.provisioner() as connection:
        manifest, pg_schema = _known(found), provisioning.new_schema()
        if UUID(manifest.firm["id"]) != tenant_id:
            raise BackupOfAnother
        _put_files(found, tenant_id, tell=tell)
        with connection.transaction():
            _fill(connection, pg_schema, found, tell=tell)
            former = _held(connection, tenant_id)
            export.write(tenant_id, keep, tell=_silently)
            tell(f"What was there is in {keep}.")
            changed = {"id": tenant_id, "pg_schema": pg_schema, "revision": manifest.revision}
            connection.execute(_REPLACE, {**_NO_LOGO, **manifest.firm, **changed})
            people.bring(connection, found.people, tenant_id=tenant_id, now=clock.now())
            connection.execute(_MARKS, [former])
            connection.execute(_MARK, [pg_schema] * 2)
            connection.execute(provisioning.removal_text(former).encode())
    _arrive(registry.find(tenant_id))
    return manifest


def _arrive(tenant: Tenant) -> None:
    """In the newest schema, and no process answers from what it has kept of the firm as it was. In a closed one nobody
    asks.
    """
    migrating.catch_up(tenant)
    if tenant.status is not TenantStatus.CLOSED:
        with tenant_scope(tenant.scope_in_suspension()), unit_of_work():
            cache.forget_together()


def verify(path: Path, *, tell: Tell) -> Manifest:
    """Whether it could be restored: it is, into a schema that nobody sees and that goes again at once.

    Raises DamagedBackup, BackupTooNew, BackupDoesNotFit, OSError, psycopg.Error.
    """
    with archive.opened(path) as found, engines.provisioner() as connection:
        manifest = _known(found)
        with connection.transaction(force_rollback=True):
            _fill(connection, provisioning.new_schema(), found, tell=tell)
    return manifest


def _known(found: Archive) -> Manifest:
    """Raises BackupTooNew."""
    if not migrations.is_known(migrations.TENANT_TREE, found.manifest.revision):
        raise BackupTooNew
    return found.manifest


def _refuse_taken(connection: psycopg.Connection, slug: str) -> None:
    if connection.execute(_TAKEN, [slug]).fetchone():
        raise SlugTaken


def _fill(connection: psycopg.Connection, pg_schema: str, found: Archive, *, tell: Tell) -> None:
    text = provisioning.schema_text(pg_schema, revision=found.manifest.revision)
    connection.execute(text.encode())
    connection.execute("RESET ROLE")
    with tables.entered(connection, pg_schema):
        tables.load(connection, pg_schema, found, tell=tell)
        tables.compare(connection, pg_schema, found.manifest)
        connection.execute("ANALYZE")


def _held(connection: psycopg.Connection, tenant_id: UUID) -> str:
    """The schema that the firm has now; from here to the end of the transaction nobody writes into it.

    Raises NothingToReplace.
    """
    row = connection.execute(_LOCKED, [tenant_id]).fetchone()
    if row is None:
        raise NothingToReplace
    names = [f'{row[0]}."{name}"' for name in tables.columns(connection, row[0])]
    connection.execute(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE".encode())
    return str(row[0])


def _silently(_line: str) -> None:
    """What was there was never asked for."""


def _put_files(found: Archive, tenant_id: UUID, *, tell: Tell) -> None:
    """Those that are not there yet: bytes under a name never change."""
    store = filestores.store()
    there = {one.name: one.size for one in store.listed(str(tenant_id))}
    wanted = [file for file in found.manifest.files if there.get(file.id) != file.size]
    for file in wanted:
        key = f"{tenant_id}/{UUID(file.id)}"
        with found.file(file.id) as part, store.place(key).open("wb") as out:
            shutil.copyfileobj(part, out, _PIECE)
        store.keep(key)
    if wanted:
        tell(f"{len(wanted)} files")
