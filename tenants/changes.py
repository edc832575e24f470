"""The change journal: every insert, update and delete of a tenant's rows, written by the database itself in
the same transaction. Bulk statements, COPY and raw SQL are in it; the tenant's role can read it and
nothing else.

History is shown by (at, ord). ``unrouted`` names the changes that nobody has forwarded yet, one row a
statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel

DERIVED = ("version", "updated_at", "display_name", "sort_key", "own_text", "beside_text", "search_text")
"""Columns that follow from others, or from the change itself: never part of a difference."""

TRIGGERS = {"record_insert": "INSERT", "record_update": "UPDATE", "record_delete": "DELETE"}


class Change(TenantModel):
    """One recorded insert (I), update (U: only the columns that differ) or delete (D)."""

    __tablename__ = "change"
    __table_args__ = (
        Index(None, "record_id", "at", "ord"),
        {"info": {"unrecorded": "It is the journal itself."}},
    )

    created_at = None  # type: ignore[assignment]
    at: Mapped[datetime]
    ord: Mapped[int]
    """Position within its statement."""

    xid: Mapped[int] = mapped_column(BigInteger)
    table_name: Mapped[str]
    record_id: Mapped[UUID]
    op: Mapped[str]
    old: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    new: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    actor: Mapped[UUID | None]
    request: Mapped[str | None]
    source: Mapped[str | None]
    cause: Mapped[str | None]
    depth: Mapped[int] = mapped_column(server_default=text("0"))


class Unrouted(TenantModel):
    __tablename__ = "unrouted"
    __table_args__ = ({"info": {"unrecorded": "It points to the journal."}},)

    created_at = None  # type: ignore[assignment]
    at: Mapped[datetime]
    changes: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


def journal_functions() -> str:
    """The three trigger functions of one schema, as SQL with ``__schema__`` in the place of its name.

    Each is made per tenant with the schema in its text: a shared one, finding its tables by the path, can
    write into another tenant's journal. The transition table is read into a variable before anything is
    written (Citus). A session keeps the plan of its first call, made for one row: as a nested loop it would
    take minutes for 50,000.
    """
    return "\n".join(
        [
            _function("record_insert", rows="new_rows", old="NULL::jsonb", new=_whole("r")),
            _function(
                "record_update",
                rows=_pairs(),
                old=_differing("r->'o'", "r->'n'"),
                new=_differing("r->'n'", "r->'o'"),
                check=_SAME_IDS,
            ),
            _function("record_delete", rows="old_rows", old=_whole("r"), new="NULL::jsonb"),
        ]
    )


def watch(tables: Iterable[str]) -> str:
    """The triggers that make these tables part of the journal."""
    return "\n".join(_trigger(table, name, event) for table in tables for name, event in TRIGGERS.items())


def _trigger(table: str, name: str, event: str) -> str:
    seen = {
        "INSERT": "NEW TABLE AS new_rows",
        "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "DELETE": "OLD TABLE AS old_rows",
    }[event]
    return (
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {seen} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION __schema__.{name}('{table}');"
    )


# An old row is found by its id; with another id it would leave the journal unseen.
_SAME_IDS = """
  IF (SELECT count(*) FROM new_rows) <> coalesce(cardinality(touched), 0) THEN
    RAISE EXCEPTION 'The id of a row never changes.' USING ERRCODE = 'restrict_violation';
  END IF;"""


_FUNCTION = """
CREATE FUNCTION __schema__.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $journal$
DECLARE
  touched jsonb[];
  recorded uuid[];
  moment timestamptz := clock_timestamp();
BEGIN
  SELECT array_agg(r) INTO touched FROM {source};{check}
  WITH written AS (
    INSERT INTO __schema__.change
      (id, at, ord, xid, table_name, record_id, op, old, new, actor, request, source, cause, depth)
    SELECT gen_random_uuid(), moment, row_number() OVER (), pg_current_xact_id()::text::bigint, TG_ARGV[0],
      coalesce(r->>'id', r->'n'->>'id')::uuid, left(TG_OP, 1), d.old, d.new,
      nullif(current_setting('app.actor', true), '')::uuid,
      nullif(current_setting('app.request', true), ''),
      coalesce(nullif(current_setting('app.source', true), ''), 'sql'),
      nullif(current_setting('app.cause', true), ''),
      coalesce(nullif(current_setting('app.depth', true), ''), '0')::int
    FROM unnest(touched) r CROSS JOIN LATERAL (SELECT {old} AS old, {new} AS new) d
    WHERE d.old IS NOT NULL OR d.new IS NOT NULL
    RETURNING id)
  SELECT array_agg(id) INTO recorded FROM written;
  IF recorded IS NOT NULL THEN
    INSERT INTO __schema__.unrouted (id, at, changes) VALUES (gen_random_uuid(), moment, recorded);
  END IF;
  RETURN NULL;
END $journal$;"""


def _function(name: str, *, rows: str, old: str, new: str, check: str = "") -> str:
    source = rows if rows.startswith("(") else f"(SELECT to_jsonb(t) AS r FROM {rows} t) x"
    return _FUNCTION.format(name=name, source=source, old=old, new=new, check=check)


def _whole(row: str) -> str:
    """All that a row holds; jsonb_strip_nulls would also reach into JSON that somebody stored."""
    return (
        f"(SELECT jsonb_object_agg(c.key, c.value) FROM jsonb_each({row}) c "
        f"WHERE c.value <> 'null' AND c.key <> ALL ({_derived()}))"
    )


def _pairs() -> str:
    return (
        "(SELECT jsonb_build_object('o', to_jsonb(o), 'n', to_jsonb(n)) AS r "
        "FROM new_rows n JOIN old_rows o USING (id)) x"
    )


def _differing(these: str, those: str) -> str:
    """Of ``these`` columns the ones that ``those`` have otherwise; NULL when there are none."""
    return (
        f"(SELECT jsonb_object_agg(c.key, c.value) FROM jsonb_each({these}) c "
        f"WHERE c.value IS DISTINCT FROM ({those})->c.key AND c.key <> ALL ({_derived()}))"
    )


def _derived() -> str:
    return "ARRAY[" + ", ".join(f"'{column}'" for column in DERIVED) + "]"
