"""Migrate everything: the platform once, then every tenant's schema, canaries first, stopping when it goes wrong.

Running again does the rest, also when it was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import update

from tenants import engines, migrating, migrations, provisioning, registry
from tenants.db import platform_work
from tenants.migrating import Behind
from tenants.models import Tenant

THREADS = 4
FAILURES_TOLERATED = 3
_MOST_NAMED = 10


class MigrationFailed(Exception):
    """Some schemas were not migrated; each carries its error, and running again does only those."""


@dataclass(slots=True)
class Report:
    tell: Callable[[str], None]
    total: int = 0
    migrated: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """By firm and schema, the first line of what PostgreSQL said."""

    def done(self, ship: Behind) -> None:
        self.migrated.append(ship.pg_schema)
        self.tell(f"{len(self.migrated)} of {self.total}: {ship}")

    def left(self, ship: Behind, error: str) -> None:
        self.failed[str(ship)] = error.splitlines()[0] if error else ""
        self.tell(f"Failed: {ship}: {self.failed[str(ship)]}")


def migrate(*, tell: Callable[[str], None] = lambda _line: None) -> Report:
    """Bring roles, platform and all tenants to the newest revision; ``tell`` hears a line for each tenant.

    Raises MigrationFailed when schemas were left behind.
    """
    report = Report(tell=tell)
    with engines.provisioner() as connection:
        # Two migrations at once would do every step twice; the second waits here and finds nothing to do.
        connection.execute("SELECT pg_advisory_lock(hashtextextended('migrate', 0))")
        provisioning.prepare_database(connection)
        _migrate_platform(connection)
        behind = _behind(connection)
        report.total = len(behind)
        first = [ship for ship in behind if ship.canary] or behind[:1]
        _migrate_all(first, report)
        if not report.failed:
            _migrate_all([ship for ship in behind if ship not in first], report)
    if report.failed:
        raise MigrationFailed(_summary(report))
    return report


def _summary(report: Report) -> str:
    named = [f"{ship}: {error}" for ship, error in list(report.failed.items())[:_MOST_NAMED]]
    left = report.total - len(report.migrated) - len(report.failed)
    rest = f"; {left} more were not tried" if left else ""
    return f"{len(report.failed)} of {report.total} were not migrated: {'; '.join(named)}{rest}."


def is_current() -> bool:
    """Whether the platform and every open tenant stand at the newest revision."""
    with engines.provisioner() as connection:
        return _platform_revision(connection) == migrations.head(migrations.PLATFORM_TREE) and not _behind(connection)


def choose_canary(slug: str) -> None:
    """From now on it is migrated before all others.

    Raises TenantNotFound.
    """
    _set_canary(slug, chosen=True)


def release_canary(slug: str) -> None:
    """It is migrated with the others again.

    Raises TenantNotFound.
    """
    _set_canary(slug, chosen=False)


def _set_canary(slug: str, *, chosen: bool) -> None:
    tenant_id = registry.named(slug).id
    with platform_work() as session:
        session.execute(update(Tenant).where(Tenant.id == tenant_id).values(canary=chosen))


def _migrate_platform(connection: psycopg.Connection) -> None:
    revision = _platform_revision(connection)
    if revision != migrations.head(migrations.PLATFORM_TREE):
        steps = migrations.compiled(migrations.PLATFORM_TREE, since=revision)
        connection.execute(migrating.message("platform", steps, settle="").encode())


def _platform_revision(connection: psycopg.Connection) -> str:
    table = connection.execute("SELECT to_regclass('platform.alembic_version')").fetchone()
    if table is None or table[0] is None:
        return "base"
    row = connection.execute("SELECT version_num FROM platform.alembic_version").fetchone()
    return str(row[0]) if row else "base"


def _behind(connection: psycopg.Connection) -> list[Behind]:
    rows = connection.execute(
        "SELECT pg_schema, revision, migration_step, slug, name, canary FROM platform.tenants "
        "WHERE revision <> %s AND status <> 'closed' ORDER BY id",
        [migrations.head(migrations.TENANT_TREE)],
    ).fetchall()
    return [
        Behind(pg_schema=pg_schema, revision=revision, steps_done=steps, slug=slug, name=name, canary=canary)
        for pg_schema, revision, steps, slug, name, canary in rows
    ]


def _migrate_all(behind: Sequence[Behind], report: Report) -> None:
    pool = ThreadPoolExecutor(THREADS)
    try:
        for _ in pool.map(lambda ship: _migrate_one(ship, report), behind):
            pass
    finally:
        # Whoever interrupts waits for those that have begun, and for no others.
        pool.shutdown(cancel_futures=True)


def _migrate_one(ship: Behind, report: Report) -> None:
    if len(report.failed) >= FAILURES_TOLERATED:
        return
    try:
        migrating.bring(ship)
    except psycopg.Error as error:
        report.left(ship, str(error).strip())
        _remember(ship.pg_schema, str(error).strip())
    else:
        report.done(ship)


def _remember(pg_schema: str, error: str) -> None:
    with engines.provisioner() as connection:
        connection.execute("UPDATE platform.tenants SET migration_error = %s WHERE pg_schema = %s", [error, pg_schema])
