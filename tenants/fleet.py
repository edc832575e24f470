"""Migrate everything: the platform once, then every tenant's schema, a canary first, stopping when it goes
wrong.

Each schema is one message and one transaction, so it is migrated whole or untouched; running again does the
rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg

from tenants import engines, migrations, provisioning

THREADS = 4
FAILURES_TOLERATED = 3


class MigrationFailed(Exception):
    """Some schemas were not migrated; each carries its error, and running again does only those."""


@dataclass(slots=True)
class Report:
    migrated: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def migrate() -> Report:
    """Bring roles, platform and all tenants to the newest revision.

    Raises MigrationFailed when schemas were left behind.
    """
    report = Report()
    with engines.provisioner() as connection:
        # Two migrations at once would do every step twice; the second waits here and finds nothing to do.
        connection.execute("SELECT pg_advisory_lock(hashtextextended('migrate', 0))")
        provisioning.prepare_database(connection)
        _migrate_platform(connection)
        behind = _behind(connection)
        _migrate_all(behind[:1], report)
        if not report.failed:
            _migrate_all(behind[1:], report)
    if report.failed:
        raise MigrationFailed("; ".join(f"{name}: {error}" for name, error in report.failed.items()))
    return report


def is_current() -> bool:
    """Whether the platform and every open tenant stand at the newest revision."""
    with engines.provisioner() as connection:
        return _platform_revision(connection) == migrations.head(migrations.PLATFORM_TREE) and not _behind(connection)


def _migrate_platform(connection: psycopg.Connection) -> None:
    revision = _platform_revision(connection)
    if revision != migrations.head(migrations.PLATFORM_TREE):
        steps = migrations.compiled(migrations.PLATFORM_TREE, since=revision)
        connection.execute(_message("platform", steps, settle="").encode())


def _platform_revision(connection: psycopg.Connection) -> str:
    table = connection.execute("SELECT to_regclass('platform.alembic_version')").fetchone()
    if table is None or table[0] is None:
        return "base"
    row = connection.execute("SELECT version_num FROM platform.alembic_version").fetchone()
    return str(row[0]) if row else "base"


def _behind(connection: psycopg.Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        "SELECT pg_schema, revision FROM platform.tenants WHERE revision <> %s AND status <> 'closed' ORDER BY id",
        [migrations.head(migrations.TENANT_TREE)],
    ).fetchall()
    return [(str(pg_schema), str(revision)) for pg_schema, revision in rows]


def _migrate_all(behind: Sequence[tuple[str, str]], report: Report) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for pg_schema, error in pool.map(lambda one: _migrate_one(*one, report=report), behind):
            if error is None:
                report.migrated.append(pg_schema)


def _migrate_one(pg_schema: str, revision: str, *, report: Report) -> tuple[str, str | None]:
    if len(report.failed) >= FAILURES_TOLERATED:
        return pg_schema, "not tried"
    target = migrations.head(migrations.TENANT_TREE)
    settle = (
        f"UPDATE platform.tenants SET revision = '{target}', migration_error = NULL WHERE pg_schema = '{pg_schema}';"
    )
    with engines.provisioner() as connection:
        try:
            steps = migrations.compiled(migrations.TENANT_TREE, since=revision)
            connection.execute(_message(pg_schema, steps, settle=settle).encode())
        except psycopg.Error as error:
            report.failed[pg_schema] = str(error).strip()
            _remember(connection, pg_schema, str(error).strip())
            return pg_schema, str(error)
    return pg_schema, None


def _message(pg_schema: str, steps: str, *, settle: str) -> str:
    return (
        f"BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('migrate:{pg_schema}', 0)); "
        f"SET LOCAL lock_timeout = '3s'; SET LOCAL ROLE {engines.OWNER}; "
        f"SET LOCAL search_path = {pg_schema}, ext, pg_temp;\n"
        f"{steps.replace('__schema__', pg_schema)}\n{settle} COMMIT;"
    )


def _remember(connection: psycopg.Connection, pg_schema: str, error: str) -> None:
    connection.execute("ROLLBACK")
    connection.execute("UPDATE platform.tenants SET migration_error = %s WHERE pg_schema = %s", [error, pg_schema])
