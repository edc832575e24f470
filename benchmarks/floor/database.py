"""One connection a thread; the tenant is entered by its search path."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from threading import local
from typing import Any

import psycopg

from benchmarks.floor import sql

_of_thread = local()


def connection() -> psycopg.Connection[Any]:
    found: psycopg.Connection[Any] | None = getattr(_of_thread, "connection", None)
    if found is None or found.closed:
        found = _of_thread.connection = psycopg.connect(os.environ["PROVISIONER_URL"], autocommit=True)
    return found


def enter(slug: str, token: str) -> tuple[datetime, str] | None:
    """Who it is and what they may see: (end of the trial, name), None for a stranger."""
    found = connection().execute(sql.ENTER, [slug, token]).fetchone()
    if found is None:
        return None
    pg_schema, trial_ends_at, user = found
    connection().execute(f"SET search_path = {pg_schema}, ext".encode())
    return trial_ends_at, user


def rows(statement: str, values: Sequence[Any] = (), *, prepare: bool | None = None) -> list[Any]:
    # A plan for any fragment would be wrong for most: a search says prepare=False.
    return connection().execute(statement.encode(), values, prepare=prepare).fetchall()
