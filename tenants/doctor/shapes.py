"""What is in a schema, as PostgreSQL's catalogue tells it: of all schemas at once, so that no tenant is visited.

Names of the schema and of its role are taken out, so that two schemas that are alike read alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Part:
    """A table, or something that belongs to one (``table`` is empty for a function)."""

    kind: str
    table: str
    name: str


Shape = Mapping[Part, str]
"""Each part and its definition."""

SCHEMA = "__schema__"
"""Stands in definitions where the schema's name or its role's was."""

# Without a search path PostgreSQL qualifies every name in what it tells, so that the schema's is seen and taken out.
_PARTS = f"""
WITH wanted AS MATERIALIZED (SELECT oid, nspname::text AS schema FROM pg_namespace WHERE nspname = ANY(%(schemas)s)),
tables AS MATERIALIZED (
  SELECT c.oid, w.schema, c.relname::text AS name, c.relkind, c.relowner, c.relacl, c.relrowsecurity
  FROM pg_class c JOIN wanted w ON w.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')),
functions AS MATERIALIZED (
  SELECT p.oid, w.schema, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name, p.proowner,
    p.proacl
  FROM pg_proc p JOIN wanted w ON w.oid = p.pronamespace),
parts (schema, kind, belongs, name, definition) AS (
  SELECT schema, 'table', name, name, relkind::text || ' of ' || pg_get_userbyid(relowner)
    || CASE WHEN relrowsecurity THEN ' with row security' ELSE '' END FROM tables
  UNION ALL
  SELECT t.schema, 'column', t.name, a.attname, format_type(a.atttypid, a.atttypmod)
    || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
    || CASE WHEN a.attidentity <> '' THEN ' GENERATED AS IDENTITY' ELSE '' END
    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
  FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum WHERE t.relkind <> 'S'
  UNION ALL
  SELECT t.schema, 'index', t.name, i.relname, pg_get_indexdef(x.indexrelid)
    || CASE WHEN x.indisvalid THEN '' ELSE ' (not valid)' END
  FROM tables t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
  WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
  UNION ALL
  SELECT t.schema, 'constraint', t.name, k.conname, pg_get_constraintdef(k.oid)
  FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
  UNION ALL
  SELECT t.schema, 'trigger', t.name, g.tgname, pg_get_triggerdef(g.oid)
  FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
  UNION ALL
  SELECT schema, 'function', '', name, pg_get_functiondef(oid) || ' of ' || pg_get_userbyid(proowner) FROM functions
  UNION ALL
  SELECT t.schema, 'grant', t.name, r.privilege_type || ' TO '
    || CASE WHEN r.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r.grantee) END, ''
  FROM tables t CROSS JOIN LATERAL aclexplode(t.relacl) r WHERE r.grantee <> t.relowner
  UNION ALL
  SELECT t.schema, 'grant', t.name, r.privilege_type || ' (' || a.attname || ') TO '
    || CASE WHEN r.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r.grantee) END, ''
  FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
  CROSS JOIN LATERAL aclexplode(a.attacl) r WHERE r.grantee <> t.relowner
  UNION ALL
  SELECT f.schema, 'function grant', '', f.name || ' ' || r.privilege_type || ' TO '
    || CASE WHEN r.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r.grantee) END, ''
  FROM functions f CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) r
  WHERE r.grantee <> f.proowner),
plain AS (
  SELECT schema, kind, belongs, CASE WHEN name LIKE '%% TO ' || schema THEN
      left(name, -length(schema)) || '{SCHEMA}' ELSE name END AS name,
    replace(definition, schema || '.', '{SCHEMA}.') AS definition FROM parts)
"""

_FINGERPRINTS = (
    _PARTS
    + """
SELECT schema, md5(string_agg(concat_ws(E'\\x1f', kind, belongs, name, definition), E'\\x1e'
  ORDER BY kind COLLATE "C", belongs COLLATE "C", name COLLATE "C")) FROM plain GROUP BY schema"""
)

_ALL = _PARTS + "SELECT schema, kind, belongs, name, definition FROM plain"


def fingerprints(connection: psycopg.Connection, schemas: Sequence[str]) -> Mapping[str, str]:
    """By schema; two that are alike have the same one. One that is empty or missing has none."""
    return {str(schema): str(found) for schema, found in _ask(connection, _FINGERPRINTS, schemas)}


def shapes(connection: psycopg.Connection, schemas: Sequence[str]) -> Mapping[str, Shape]:
    """By schema, everything that is in it."""
    found: dict[str, dict[Part, str]] = {schema: {} for schema in schemas}
    for schema, kind, table, name, definition in _ask(connection, _ALL, schemas):
        found[schema][Part(kind=kind, table=table, name=name)] = definition
    return found


def _ask(connection: psycopg.Connection, query: str, schemas: Sequence[str]) -> Sequence[tuple[str, ...]]:
    with connection.transaction():
        connection.execute("SET LOCAL search_path = pg_catalog")
        # To compile the question would take longer than to answer it.
        connection.execute("SET LOCAL jit = off")
        return connection.execute(query.encode(), {"schemas": list(schemas)}).fetchall()
