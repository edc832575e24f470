"""One tenant's schema is brought to the newest revision.

1. Each stage is one transaction: the schema is migrated whole or untouched.
2. Its steps that fit into no transaction follow one by one; each that is done is written down.
3. The directory then says the revision. Whoever is interrupted goes on where this stands.

A lock that somebody holds for longer than the time-out is waited for again, a few times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

import psycopg
from psycopg import Cursor
from psycopg.errors import DeadlockDetected, LockNotAvailable

from migrations.steps import Batches, Index, Step
from tenants import engines, migrations
from tenants.migrations import Stage
from tenants.models import Tenant

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between two attempts to get a lock; after the last one it counts as failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A schema that stands at another revision than the program."""

    pg_schema: str
    revision: str
    steps_done: int | None
    """Of the stage whose transaction is saved; None where its transaction is still to come."""

    slug: str | None
    name: str
    canary: bool

    def __str__(self) -> str:
        return f"{self.name} ({self.slug}, {self.pg_schema})" if self.slug else f"{self.pg_schema} (in stock)"


def catch_up(tenant: Tenant) -> None:
    """One that was not there when the others were migrated.

    Raises psycopg.Error.
    """
    if tenant.revision != migrations.head(migrations.TENANT_TREE):
        bring(
            Behind(
                pg_schema=tenant.pg_schema,
                revision=tenant.revision,
                steps_done=tenant.migration_step,
                slug=tenant.slug,
                name=tenant.name,
                canary=tenant.canary,
            )
        )


def bring(ship: Behind) -> None:
    """Raises psycopg.Error; what was done until then is written down."""
    done = ship.steps_done
    with engines.provisioner() as connection:
        for stage in migrations.stages(migrations.TENANT_TREE, since=ship.revision):
            _pass(connection, ship.pg_schema, stage, done=done)
            done = None


def _pass(connection: psycopg.Connection, pg_schema: str, stage: Stage, *, done: int | None) -> None:
    if done is None:
        settle = _noted(pg_schema, 0) if stage.afterwards else _arrived(pg_schema, stage)
        _patiently(connection, lambda: connection.execute(message(pg_schema, stage.sql, settle=settle).encode()))
    for number, step in enumerate(stage.afterwards[done or 0 :], start=(done or 0) + 1):
        _take(connection, pg_schema, step)
        connection.execute(_noted(pg_schema, number).encode())
    if stage.afterwards:
        connection.execute(_arrived(pg_schema, stage).encode())


def _noted(pg_schema: str, steps: int) -> str:
    return f"UPDATE platform.tenants SET migration_step = {steps} WHERE pg_schema = '{pg_schema}';"


def _arrived(pg_schema: str, stage: Stage) -> str:
    return (
        f"UPDATE platform.tenants SET revision = '{stage.until}', migration_step = NULL, migration_error = NULL "
        f"WHERE pg_schema = '{pg_schema}';"
    )


def message(pg_schema: str, sql: str, *, settle: str) -> str:
    """The transaction as one text; ``settle`` is written with it."""
    return (
        f"BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('migrate:{pg_schema}', 0)); "
        f"SET LOCAL lock_timeout = '3s'; SET LOCAL ROLE {engines.OWNER}; "
        f"SET LOCAL search_path = {pg_schema}, ext, pg_temp;\n"
        f"{sql.replace('__schema__', pg_schema)}\n{settle} COMMIT;"
    )


def _take(connection: psycopg.Connection, pg_schema: str, step: Step) -> None:
    enter = f"SET ROLE {engines.OWNER}; SET search_path = {pg_schema}, ext, pg_temp; SET lock_timeout = '3s'"
    connection.execute(enter.encode())
    try:
        match step:
            case Index():
                _patiently(connection, lambda: _build(connection, step))
            case Batches():
                statement = step.statement.replace("__schema__", pg_schema).encode()
                while _patiently(connection, lambda: connection.execute(statement)).rowcount:
                    pass
    finally:
        connection.execute("RESET ROLE; RESET search_path; RESET lock_timeout")


def _build(connection: psycopg.Connection, index: Index) -> Cursor[Any]:
    # One that was interrupted is there and of no use.
    connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}".encode())
    return connection.execute(index.statement_beside_work.encode())


def _patiently(connection: psycopg.Connection, do: Callable[[], Cursor[Any]]) -> Cursor[Any]:
    for pause in PAUSES:
        try:
            return do()
        except (LockNotAvailable, DeadlockDetected):
            connection.execute("ROLLBACK")
            Event().wait(pause)
    return do()
