"""Writing many rows at once: one COPY a table, so that its triggers and its round trip are paid once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, cast

from psycopg import Cursor, sql

from tenants.db import TenantModel, db


def insert_rows(model: type[TenantModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a tenant's table. All name the same columns, the id among them; the rest is the model's default."""
    if not rows:
        return
    columns = model.__table__.columns
    implied = {c.name: _default(c) for c in columns if c.name not in rows[0] and c.default is not None}
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(str(model.__tablename__)),
        sql.SQL(", ").join(map(sql.Identifier, (*rows[0], *implied))),
    )
    # What the session still holds back may be what these rows refer to.
    db.session.flush()
    cursor = cast("Cursor[Any]", db.session.connection().connection.cursor())
    with cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_plain(value) for value in (*row.values(), *implied.values())])


def _default(column: Any) -> Any:
    default = column.default
    return default.arg(None) if default.is_callable else default.arg


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
