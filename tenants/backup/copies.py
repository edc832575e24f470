"""A copy of a firm that lives on: from it nothing goes to anybody, for the firm itself tells them."""

from __future__ import annotations

import psycopg

from tenants.backup import tables
from tenants.db import TenantModel


def silence(connection: psycopg.Connection, pg_schema: str) -> None:
    """Each table says in its description what stops there what would leave by itself (``info["in_copy"]``)."""
    with tables.entered(connection, pg_schema):
        there = tables.columns(connection, pg_schema)
        for table in TenantModel.metadata.sorted_tables:
            # A backup may be older than the table.
            if table.name in there and (statement := table.info.get("in_copy")):
                connection.execute(statement)
