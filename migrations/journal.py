"""The journal's functions and triggers as SQL, as the migrations since 0001 make them.

Never changes: another journal is another module and a migration that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

_EVENTS = {"record_insert": "INSERT", "record_update": "UPDATE", "record_delete": "DELETE"}


def journal_functions() -> str:
    """The three trigger functions of one schema, as SQL with ``__schema__`` in the place of its name.

    Each is made per tenant with the schema in its text: a shared one, finding its tables by the path, can
    write into another tenant's journal. The transition tables are read into variables before anything is
    written (Citus). A session keeps the plan of its first call, made for one row: as a nested loop it would
    take minutes for 50,000.
    """
    return "\n".join(
        [
            _function("record_insert", read=_READ_NEW, told=_told(old="NULL::jsonb", new=_whole("n"))),
            _function("record_update", read=_READ_BOTH, told=_DIFFERENCE),
            _function("record_delete", read=_READ_OLD, told=_told(old=_whole("n"), new="NULL::jsonb")),
        ]
    )


def watch(tables: Iterable[str], *, json: Mapping[str, Sequence[str]] | None = None) -> str:
    """The triggers that make these tables part of the journal; ``json`` names, by table, the columns that hold JSON."""
    columns = json or {}
    return "\n".join(
        _trigger(table, columns.get(table, ()), name, event) for table in tables for name, event in _EVENTS.items()
    )


def _trigger(table: str, json: Sequence[str], name: str, event: str) -> str:
    seen = {
        "INSERT": "NEW TABLE AS new_rows",
        "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "DELETE": "OLD TABLE AS old_rows",
    }[event]
    given = ", ".join(f"'{argument}'" for argument in (table, " ".join(json)) if argument)
    return (
        f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} REFERENCING {seen} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION __schema__.{name}({given});"
    )


_DERIVED = "'{version,updated_at,display_name,sort_key,own_text,beside_text,search_text}'::text[]"

_READ_NEW = "SELECT array_agg(to_jsonb(t)) INTO after FROM new_rows t;"
_READ_OLD = "SELECT array_agg(to_jsonb(t)) INTO after FROM old_rows t;"
# An old row is found by its id; with another id it would leave the journal unseen.
_READ_BOTH = """SELECT array_agg(to_jsonb(o)), array_agg(to_jsonb(n)) INTO before, after
    FROM new_rows n LEFT JOIN old_rows o USING (id);
  IF array_position(before, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'The id of a row never changes.' USING ERRCODE = 'restrict_violation';
  END IF;"""

_DIFFERENCE = f"""SELECT jsonb_object_agg(c.key, c.value) AS old, jsonb_object_agg(c.key, n->c.key) AS new
      FROM jsonb_each(o - {_DERIVED}) c WHERE c.value IS DISTINCT FROM n->c.key"""

# Settings are read into variables: asked for in the INSERT they would be asked for at every row.
_FUNCTION = """
CREATE OR REPLACE FUNCTION __schema__.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $journal$
DECLARE
  before jsonb[];
  after jsonb[];
  recorded uuid[];
  json_columns text[] := string_to_array(TG_ARGV[1], ' ');
  moment timestamptz := clock_timestamp();
  this_xid bigint := pg_current_xact_id()::text::bigint;
  actor_id uuid := nullif(current_setting('app.actor', true), '')::uuid;
  request_id text := nullif(current_setting('app.request', true), '');
  through text := coalesce(nullif(current_setting('app.source', true), ''), 'sql');
  because text := nullif(current_setting('app.cause', true), '');
  steps int := coalesce(nullif(current_setting('app.depth', true), ''), '0')::int;
BEGIN
  {read}
  WITH written AS (
    INSERT INTO __schema__.change
      (id, at, ord, xid, table_name, record_id, op, old, new, actor, request, source, cause, depth)
    SELECT ext.new_id(), moment, t.ord, this_xid, TG_ARGV[0], (n->>'id')::uuid, left(TG_OP, 1), d.old, d.new,
      actor_id, request_id, through, because, steps
    FROM unnest(before, after) WITH ORDINALITY AS t (o, n, ord) CROSS JOIN LATERAL (
      {told}) d
    WHERE d.old IS NOT NULL OR d.new IS NOT NULL
    RETURNING id)
  SELECT array_agg(id) INTO recorded FROM written;
  IF recorded IS NOT NULL THEN
    INSERT INTO __schema__.unrouted (id, at, changes) VALUES (ext.new_id(), moment, recorded);
  END IF;
  RETURN NULL;
END $journal$;"""


def _function(name: str, *, read: str, told: str) -> str:
    return _FUNCTION.format(name=name, read=read, told=told)


def _told(*, old: str, new: str) -> str:
    return f"SELECT {old} AS old, {new} AS new"


def _whole(row: str) -> str:
    """All that a row holds. jsonb_strip_nulls reaches into JSON that somebody stored, so that is put back."""
    stored = f"SELECT jsonb_object_agg(c, {row}->c) FROM unnest(json_columns) c WHERE {row}->c <> 'null'"
    bare = f"jsonb_strip_nulls({row} - {_DERIVED})"
    return f"CASE WHEN json_columns IS NULL THEN {bare} ELSE {bare} || coalesce(({stored}), '{{}}') END"
