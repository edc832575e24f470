"""How an attacker's text reaches the database: through the application's own session, or past its cursor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants import engines
from tenants.context import tenant_scope
from tests.firms import Firm

REFUSED = "does not run"


@contextmanager
def inside(firm: Firm) -> Iterator[Session]:
    """A session of the firm that saves nothing."""
    from tenants.db import db

    with firm.app.app_context(), tenant_scope(firm.scope):
        yield db.session()


def attempt(firm: Firm, statement: str) -> list[Any]:
    """What a text of an attacker answers, run as the application runs its own."""
    with inside(firm) as session:
        result = session.connection().exec_driver_sql(statement)
        return list(result.all()) if result.returns_rows else []


def attempt_past_the_cursor(firm: Firm, statement: str) -> list[Any]:
    """The same with psycopg's own cursor: shows what the role alone would stop, and what it would not."""
    with inside(firm) as session, psycopg.Cursor(wire(session)) as weak:
        weak.execute(statement.encode())
        while weak.nextset():
            pass
        return weak.fetchall() if weak.description else []


def wire(session: Session) -> psycopg.Connection[Any]:
    """The driver's connection, as the pool hands it out."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection


def add_company(firm: Firm, name: str) -> Any:
    """One company, entered past all of Kontor's own functions; answers its id."""
    with firm.work() as session:
        return session.scalar(text(INSERT_COMPANY + " RETURNING id"), {"name": name})


INSERT_COMPANY = """
INSERT INTO companies (id, created_at, updated_at, version, name, sort_key, search_text)
SELECT gen_random_uuid(), now(), now(), 1, n, lower(n), lower(n) FROM CAST(:name AS text) n"""


def company_names(firm: Firm) -> list[str]:
    with inside(firm) as session:
        return list(session.scalars(text("SELECT name FROM companies ORDER BY name")))


def as_operator(statement: str, **values: Any) -> list[Any]:
    """What whoever runs the database sees or does, beside all walls."""
    with engines.provisioner() as connection:
        cursor = connection.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description else []
