"""Make the database ready for tenants; keep a stock of ready schemas; hand one to a firm that signs up."""

from __future__ import annotations

import re
import secrets
import time
from datetime import datetime

import psycopg
from psycopg import sql
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from config.settings import settings
from tenants import clock, engines, migrations
from tenants.db import new_id, platform_rows
from tenants.errors import Conflict, Unavailable
from tenants.models import Tenant, TenantStatus

_READY = text("SELECT count(*) AS ready FROM platform.tenants WHERE status = 'stock' AND revision = :head")
_LOOK_AGAIN = 0.2
_PLATFORM_LIMITS = {"statement_timeout": "60s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "60s"}
"""They come with the login, so that they hold behind a pooler too, which refuses them at the start of a connection. Of
tenants the limits come with each unit of work (tenants/checkout.py).
"""

_LOCK = 4_215_900_001
"""Advisory lock of everything that changes roles and schemas of the whole database."""

HOMES = {"de": ("DE", "Europe/Berlin"), "en": ("GB", "Europe/London")}
"""Country and time zone with which a firm of each language begins."""


class NoneReady(Unavailable):
    """Room for another firm is being made ready; please try again in a few seconds."""

    code = "none_ready"


class SlugTaken(Conflict):
    """This address is taken already; please choose another one."""

    code = "slug_taken"


def prepare_database(connection: psycopg.Connection) -> None:
    """Roles, schemas, extensions and the REVOKEs without which a role alone is no wall. Safe to run again."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for name in (engines.OWNER, engines.TENANT):
            _ensure_role(connection, name, options="NOLOGIN")
        for url in (engines.platform_url(), engines.cell_url()):
            _ensure_login(connection, str(url.username), password=url.password)
        for name, value in _PLATFORM_LIMITS.items():
            connection.execute(f"ALTER ROLE {engines.platform_url().username} SET {name} = '{value}'".encode())
        connection.execute(_WALLS.replace("DATABASE_NAME", f'"{connection.info.dbname}"').encode())
        connection.execute(platform_rights("platform").encode())


def _ensure_role(connection: psycopg.Connection, name: str, *, options: str) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
        connection.execute(f"CREATE ROLE {name} {options}".encode())


def _ensure_login(connection: psycopg.Connection, name: str, *, password: str | None) -> None:
    """Without a password in its address the login keeps the one that it has, or has none."""
    _ensure_role(connection, name, options="LOGIN NOINHERIT")
    if password:
        change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        connection.execute(change)


# A session lock outlives the transaction, and the connection goes on to serve other tenants.
SESSION_LOCKS = tuple(
    f"pg_catalog.pg_{kind}({key})"
    for kind in ("advisory_lock", "advisory_lock_shared", "try_advisory_lock", "try_advisory_lock_shared")
    for key in ("bigint", "int, int")
)
# A large object lies beside all schemas, where no journal, export or erasure would find it.
LARGE_OBJECTS = ("pg_catalog.lo_creat(int)", "pg_catalog.lo_create(oid)", "pg_catalog.lo_from_bytea(oid, bytea)")

# Ids that sort by time keep an index in the cache; PostgreSQL makes them itself since 18.
_NEW_ID = """
DO $new_id$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION ext.new_id() RETURNS uuid LANGUAGE sql VOLATILE AS %L',
    CASE WHEN to_regproc('pg_catalog.uuidv7') IS NULL THEN 'SELECT gen_random_uuid()' ELSE 'SELECT uuidv7()' END);
END $new_id$;"""

_WALLS = f"""
GRANT {engines.OWNER} TO CURRENT_USER;
GRANT CONNECT ON DATABASE DATABASE_NAME TO {engines.PLATFORM}, {engines.app_login(engines.CELL)};
REVOKE TEMP, CREATE ON DATABASE DATABASE_NAME FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
REVOKE UPDATE ON pg_catalog.pg_settings FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION {", ".join((*LARGE_OBJECTS, *SESSION_LOCKS))} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {", ".join(SESSION_LOCKS)} TO {engines.PLATFORM};
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO {engines.OWNER};
CREATE SCHEMA IF NOT EXISTS ext;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ext;
REVOKE EXECUTE ON FUNCTION ext.set_limit(real) FROM PUBLIC;
{_NEW_ID}
GRANT USAGE ON SCHEMA ext TO {engines.OWNER}, {engines.TENANT}, {engines.PLATFORM};
CREATE SCHEMA IF NOT EXISTS platform AUTHORIZATION {engines.OWNER};
GRANT USAGE ON SCHEMA platform TO {engines.PLATFORM}, {engines.TENANT};
"""


def fill_stock() -> int:
    """Make as many ready schemas as are missing; answers how many were made."""
    with engines.provisioner() as connection:
        missing = settings().stock - _stock(connection)
        for _ in range(missing):
            make_ready(connection, at=clock.now())
    return max(missing, 0)


def refill_stock() -> int:
    """What ``fill_stock`` does, asked every second: only where schemas are missing a connection is opened for them."""
    ready = platform_rows(_READY, {"head": migrations.head(migrations.TENANT_TREE)})[0].ready
    return fill_stock() if ready < settings().stock else 0


def wait_for_stock(*, most: float) -> None:
    """Wait at most so many seconds for the scheduler to make a schema ready, where this process cannot do it itself."""
    until = clock.stopwatch() + most
    while not engines.has_provisioner() and clock.stopwatch() < until:
        if platform_rows(_READY, {"head": migrations.head(migrations.TENANT_TREE)})[0].ready:
            return
        time.sleep(_LOOK_AGAIN)


def _stock(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM platform.tenants WHERE status = 'stock' AND revision = %s",
        [migrations.head(migrations.TENANT_TREE)],
    ).fetchone()
    return int(row[0]) if row else 0


def new_schema() -> str:
    """A name that says nothing: every role can read all names."""
    return f"t_{secrets.token_hex(8)}"


def make_ready(connection: psycopg.Connection, *, at: datetime) -> None:
    """One schema with its role, as one message: it is there whole, or not at all."""
    pg_schema = new_schema()
    connection.execute(_provision_text(pg_schema, at=at).encode())


def _provision_text(pg_schema: str, *, at: datetime) -> str:
    return f"""
BEGIN;
{schema_text(pg_schema)}
INSERT INTO platform.tenants (id, created_at, name, pg_schema, cell, status, timezone, locale, country, revision)
VALUES ('{new_id()}', '{at.isoformat()}', '', '{pg_schema}', '{engines.CELL}', 'stock', 'Europe/Berlin', 'de', 'DE',
  '{migrations.head(migrations.TENANT_TREE)}');
COMMIT;
"""


def schema_text(pg_schema: str, *, revision: str | None = None) -> str:
    """A role and its schema with all that belongs in it at a revision, the newest if none is named."""
    # Default privileges come before the tables: GRANT ON ALL TABLES slows down with the number of schemas.
    return f"""
CREATE ROLE {pg_schema} NOLOGIN;
GRANT {engines.TENANT} TO {pg_schema};
GRANT {pg_schema} TO {engines.app_login(engines.CELL)};
CREATE SCHEMA {pg_schema} AUTHORIZATION {engines.OWNER};
GRANT USAGE ON SCHEMA {pg_schema} TO {pg_schema};
SET LOCAL ROLE {engines.OWNER};
SET LOCAL search_path = {pg_schema}, ext, pg_temp;
ALTER DEFAULT PRIVILEGES IN SCHEMA {pg_schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {pg_schema};
{migrations.compiled_for_new(migrations.TENANT_TREE, until=revision).replace("__schema__", pg_schema)}
"""


def removal_text(pg_schema: str) -> str:
    """The way back: nothing of the schema is left, nor of its role."""
    return f"""
DROP SCHEMA IF EXISTS {pg_schema} CASCADE;
DROP OWNED BY {pg_schema};
DROP ROLE {pg_schema};
"""


def platform_text(pg_schema: str) -> str:
    """The platform's schema under another name, to compare it with."""
    compiled = re.sub(r"\bplatform\.", "__schema__.", migrations.compiled(migrations.PLATFORM_TREE, since="base"))
    return f"""
CREATE SCHEMA {pg_schema} AUTHORIZATION {engines.OWNER};
{platform_rights(pg_schema)}
SET LOCAL ROLE {engines.OWNER};
SET LOCAL search_path = {pg_schema}, ext, pg_temp;
{compiled.replace("__schema__", pg_schema)}
"""


def platform_rights(pg_schema: str) -> str:
    return (
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {engines.OWNER} IN SCHEMA {pg_schema} "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {engines.PLATFORM};"
    )


def claim(session: Session, *, slug: str, name: str, locale: str) -> Tenant:
    """Give a ready schema to a firm, within the platform's transaction.

    Raises SlugTaken, NoneReady.
    """
    # Two firms that ask for one address at the same moment: the second waits, then sees that it is taken.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"slug:{slug}", 0))))
    if session.scalar(select(Tenant.id).where(Tenant.slug == slug)) is not None:
        raise SlugTaken
    ready = _take_ready(session)
    if ready is None and engines.has_provisioner():
        with engines.provisioner() as connection:
            make_ready(connection, at=clock.now())
        ready = _take_ready(session)
    if ready is None:
        raise NoneReady
    ready.slug, ready.name, ready.locale = slug, name, locale
    ready.country, ready.timezone = HOMES[locale]
    ready.status, ready.opened_at = TenantStatus.OPEN, clock.now()
    session.flush()
    return ready


def _take_ready(session: Session) -> Tenant | None:
    return session.scalar(
        select(Tenant)
        .where(Tenant.status == TenantStatus.STOCK, Tenant.revision == migrations.head(migrations.TENANT_TREE))
        .order_by(Tenant.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
