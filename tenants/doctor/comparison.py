"""Whether each schema is what the migrations make: the platform's, and every tenant's at the newest revision.

What they make is found out by making it, in a transaction that is taken back.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import psycopg

from tenants import engines, migrations, provisioning
from tenants.doctor import differences, shapes
from tenants.doctor.differences import Difference
from tenants.doctor.findings import Finding, fine, named, wrong
from tenants.doctor.shapes import Shape

_PART = "shape"
_MOST = 10
"""So many differences are told; all of them with --sql."""

_LONGEST = 400
"""A longer statement is no remedy that somebody reads."""

_MOST_SCHEMAS = 20
"""So many of the schemas that differ are looked into."""

_CURRENT = """
SELECT pg_schema, coalesce(slug || ' (' || pg_schema || ')', pg_schema || ' (in stock)') FROM platform.tenants
WHERE status <> 'closed' AND revision = %s ORDER BY slug NULLS LAST, pg_schema"""


def examine(connection: psycopg.Connection) -> Iterator[Finding]:
    """Every difference once, with the firms that have it."""
    yield from _platform(connection)
    yield from _tenants(connection)


def _platform(connection: psycopg.Connection) -> Iterator[Finding]:
    if not _platform_is_current(connection):
        return
    schema = f"platform_{secrets.token_hex(8)}"
    with connection.transaction(force_rollback=True):
        connection.execute(provisioning.platform_text(schema).encode())
        wanted = shapes.shapes(connection, [schema])[schema]
    found = shapes.shapes(connection, ["platform"])["platform"]
    told = {one: ["platform"] for one in differences.compare(wanted, found)}
    yield from _told(told, {"platform": "the platform"}) if told else [fine(_PART, "The platform is as it must be.")]


def _platform_is_current(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT version_num FROM platform.alembic_version").fetchone()
    return row is not None and row[0] == migrations.head(migrations.PLATFORM_TREE)


def _tenants(connection: psycopg.Connection) -> Iterator[Finding]:
    rows = connection.execute(_CURRENT, [migrations.head(migrations.TENANT_TREE)]).fetchall()
    names = {str(schema): str(name) for schema, name in rows}
    wanted, fingerprint = _wanted(connection)
    known = shapes.fingerprints(connection, list(names))
    # A schema that is missing altogether is named by another check.
    other = [schema for schema in names if schema in known and known[schema] != fingerprint]
    told: dict[Difference, list[str]] = defaultdict(list)
    for schema, found in shapes.shapes(connection, other[:_MOST_SCHEMAS]).items():
        for one in differences.compare(wanted, found):
            told[one].append(schema)
    yield from _told(told, names)
    if len(other) > _MOST_SCHEMAS:
        remedy = "Mend what is named here, then ask again."
        yield wrong(_PART, f"{len(other) - _MOST_SCHEMAS} more schemas differ.", remedy=remedy)
    if not other:
        yield fine(_PART, f"{len(names)} schemas are as they must be.")


def _wanted(connection: psycopg.Connection) -> tuple[Shape, str]:
    schema = f"t_{secrets.token_hex(8)}"
    with connection.transaction(force_rollback=True):
        connection.execute(provisioning.schema_text(schema).encode())
        return shapes.shapes(connection, [schema])[schema], shapes.fingerprints(connection, [schema])[schema]


def _told(told: Mapping[Difference, Sequence[str]], names: Mapping[str, str]) -> Iterator[Finding]:
    for one, schemas in list(told.items())[:_MOST]:
        yield _finding(one, schemas, names)
    rest = list(told.items())[_MOST:]
    if rest:
        statements = tuple(one.statement(schema) for one, schemas in rest for schema in schemas)
        sentence = f"There are {len(rest)} more differences."
        yield wrong(_PART, sentence, remedy="`kontor doctor --sql` prints a statement for each.", sql=statements)


def _finding(one: Difference, schemas: Sequence[str], names: Mapping[str, str]) -> Finding:
    statements = tuple(one.statement(schema) for schema in schemas)
    where = named([names[schema] for schema in schemas])
    first = statements[0]
    remedy = f"As {engines.OWNER}: {first}" if len(first) <= _LONGEST else "`kontor doctor --sql` prints the statement."
    if len(schemas) > 1:
        remedy += f" `kontor doctor --sql` prints it for all {len(schemas)}."
    return wrong(_PART, one.sentence(where), remedy=remedy, sql=statements)
