"""Whether the database is whole: its version and extensions, the platform, and the schema of every tenant."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from config.settings import settings
from tenants import engines, migrations
from tenants.doctor.findings import Finding, fine, named, wrong

OLDEST = 15
_EXTENSIONS = ("pg_trgm",)
_MIGRATE = "Run `kontor migrate`."


def version(connection: psycopg.Connection) -> Iterator[Finding]:
    major = connection.info.server_version // 10_000
    if major < OLDEST:
        upgrade = f"Upgrade the server to PostgreSQL {OLDEST} or newer, for example with pg_upgrade."
        yield wrong("postgresql", f"PostgreSQL {major} answers, which is too old.", remedy=upgrade)
    else:
        yield fine("postgresql", f"PostgreSQL {major} answers.")


def extensions(connection: psycopg.Connection) -> Iterator[Finding]:
    query = "SELECT extname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE nspname = 'ext'"
    present = {row[0] for row in connection.execute(query).fetchall()}
    missing = [name for name in _EXTENSIONS if name not in present]
    if missing:
        sentence = f"Missing in the schema ext: {named(missing)}."
        yield wrong("extensions", sentence, remedy="Install PostgreSQL's contrib package, then run `kontor migrate`.")
    else:
        yield fine("extensions", "All extensions are there.")


def has_platform(connection: psycopg.Connection) -> bool:
    """Whether there is anything yet that the other checks could ask."""
    row = connection.execute("SELECT to_regclass('platform.alembic_version'), to_regclass('platform.tenants')")
    return None not in (row.fetchone() or (None,))


def revisions(connection: psycopg.Connection) -> Iterator[Finding]:
    platform, head = migrations.head(migrations.PLATFORM_TREE), migrations.head(migrations.TENANT_TREE)
    row = connection.execute("SELECT version_num FROM platform.alembic_version").fetchone()
    if row is None or row[0] != platform:
        sentence = f"The platform is not at revision {platform}."
        yield wrong("revisions", sentence, remedy=_MIGRATE)
    query = (
        "SELECT coalesce(slug, pg_schema), revision, migration_error FROM platform.tenants "
        "WHERE status <> 'closed' AND (revision <> %s OR migration_error IS NOT NULL) ORDER BY 1"
    )
    behind = connection.execute(query, [head]).fetchall()
    if behind:
        names = named([f"{name} ({error.splitlines()[0] if error else revision})" for name, revision, error in behind])
        yield wrong("revisions", f"Not at revision {head}: {names}.", remedy=_MIGRATE)
    elif row is not None and row[0] == platform:
        yield fine("revisions", f"The platform is at revision {platform}, every tenant at {head}.")


def stock(connection: psycopg.Connection) -> Iterator[Finding]:
    ready_query = "SELECT count(*) FROM platform.tenants WHERE status = 'stock' AND revision = %s"
    row = connection.execute(ready_query, [migrations.head(migrations.TENANT_TREE)]).fetchone()
    ready, wanted = (row[0] if row else 0), settings().stock
    if ready < wanted:
        remedy = "The scheduler makes them every five seconds: see that it runs, or run `kontor migrate`."
        yield wrong("stock", f"{ready} of {wanted} schemas are ready for sign-ups.", remedy=remedy)
    else:
        yield fine("stock", f"{ready} schemas are ready for sign-ups.")


_PAIRS = """
SELECT t.pg_schema, n.oid IS NULL, r.oid IS NULL, m.roleid IS NULL, pg_get_userbyid(n.nspowner)
FROM platform.tenants t
LEFT JOIN pg_namespace n ON n.nspname = t.pg_schema
LEFT JOIN pg_roles r ON r.rolname = t.pg_schema
LEFT JOIN (SELECT m.roleid FROM pg_auth_members m JOIN pg_roles a ON a.oid = m.member AND a.rolname = %(app)s) m
  ON m.roleid = r.oid
WHERE t.status <> 'closed' AND (n.oid IS NULL OR r.oid IS NULL OR m.roleid IS NULL OR
  pg_get_userbyid(n.nspowner) <> %(owner)s)
ORDER BY 1"""


def pairs(connection: psycopg.Connection) -> Iterator[Finding]:
    """Every tenant has a schema and a role of one name, the schema is ours, and the web may take on the role."""
    app = engines.app_login(engines.CELL)
    broken = connection.execute(_PAIRS.encode(), {"app": app, "owner": engines.OWNER}).fetchall()
    for pg_schema, no_schema, no_role, no_member, owner in broken:
        if no_schema:
            lost = "restore it from the last backup, or close the tenant"
            yield wrong("schemas", f"The schema {pg_schema} is missing.", remedy=f"Stop its firm's work and {lost}.")
        elif no_role:
            remedy = f"CREATE ROLE {pg_schema} NOLOGIN; GRANT {engines.TENANT} TO {pg_schema}; "
            remedy += f"GRANT {pg_schema} TO {app}; then restore its rights on the schema from a dump."
            yield wrong("schemas", f"The role {pg_schema} is missing.", remedy=remedy)
        elif no_member:
            sentence = f"{app} cannot work as {pg_schema}."
            yield wrong("schemas", sentence, remedy=f"GRANT {pg_schema} TO {app}.")
        else:
            remedy = f"ALTER SCHEMA {pg_schema} OWNER TO {engines.OWNER}."
            yield wrong("schemas", f"The schema {pg_schema} belongs to {owner}.", remedy=remedy)
    if not broken:
        yield fine("schemas", "Every tenant has its schema and its role.")


_FOREIGN = """
SELECT n.nspname, coalesce(role.rolname, 'PUBLIC'), given.privilege_type
FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS given LEFT JOIN pg_roles role ON role.oid = given.grantee
WHERE n.nspname ~ '^t_' AND given.grantee <> n.nspowner
  AND (role.rolname IS DISTINCT FROM n.nspname OR given.privilege_type <> 'USAGE')
ORDER BY 1, 2, 3"""

_FORGERS = """
SELECT DISTINCT n.nspname, c.relname, coalesce(role.rolname, 'PUBLIC'), given.privilege_type
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) AS given LEFT JOIN pg_roles role ON role.oid = given.grantee
WHERE n.nspname ~ '^t_' AND given.grantee <> c.relowner AND (
  (c.relname = 'change' AND given.privilege_type <> 'SELECT')
  OR (c.relname = 'unrouted' AND given.privilege_type NOT IN ('SELECT', 'DELETE'))
  OR c.relname = 'alembic_version')
ORDER BY 1, 2, 3, 4"""

_SILENCED = """
SELECT n.nspname, c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname ~ '^t_' AND NOT t.tgisinternal AND t.tgenabled <> 'O' ORDER BY 1, 2, 3"""


def borders(connection: psycopg.Connection) -> Iterator[Finding]:
    """Nobody enters another tenant's schema, forges its history or keeps it from being written."""
    found = [*_strangers(connection), *_forgers(connection), *_silenced(connection)]
    yield from found or [fine("borders", "No tenant reaches another one, and every history is written.")]


def _strangers(connection: psycopg.Connection) -> Iterator[Finding]:
    for schema, role, right in connection.execute(_FOREIGN).fetchall():
        remedy = f"REVOKE {right} ON SCHEMA {schema} FROM {role}."
        yield wrong("borders", f"{role} has {right} on the schema {schema}.", remedy=remedy)


def _forgers(connection: psycopg.Connection) -> Iterator[Finding]:
    for schema, table, role, right in connection.execute(_FORGERS).fetchall():
        remedy = f"REVOKE {right} ON {schema}.{table} FROM {role}."
        yield wrong("borders", f"{role} has {right} on {schema}.{table}.", remedy=remedy)


def _silenced(connection: psycopg.Connection) -> Iterator[Finding]:
    for schema, table, trigger in connection.execute(_SILENCED).fetchall():
        remedy = f"ALTER TABLE {schema}.{table} ENABLE TRIGGER {trigger}."
        yield wrong("borders", f"The trigger {trigger} of {schema}.{table} is off.", remedy=remedy)
