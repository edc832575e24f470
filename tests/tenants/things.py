"""Tables of a test's own in a firm's schema, watched like any other, gone after the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from migrations import journal
from tenants import engines
from tests.firms import Firm
from tests.tenants.attacks import as_operator

_TABLES = """
CREATE TABLE parents (id uuid PRIMARY KEY, name varchar, search_text varchar);
CREATE TABLE things (
  id uuid PRIMARY KEY, parent_id uuid REFERENCES parents (id) ON DELETE CASCADE,
  words varchar, number bigint, more jsonb, raw bytea, seen timestamptz, version int NOT NULL DEFAULT 1);
"""


@contextmanager
def things(firm: Firm) -> Iterator[None]:
    schema = firm.scope.pg_schema
    watched = journal.watch(["parents", "things"], json={"things": ["more"]}).replace("__schema__", schema)
    path = f"SET ROLE {engines.OWNER}; SET search_path = {schema};"
    as_operator(f"{path} {_TABLES} {watched}")
    try:
        yield
    finally:
        as_operator(f"{path} DROP TABLE things, parents")


def forget(firm: Firm) -> None:
    """Empty those tables and the journal, unseen by the triggers."""
    as_operator(
        f"SET session_replication_role = replica; SET search_path = {firm.scope.pg_schema};"
        "DELETE FROM things; DELETE FROM parents; DELETE FROM change; DELETE FROM unrouted"
    )
