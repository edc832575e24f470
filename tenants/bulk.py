"""Writing many rows at once: one COPY a table, so that its triggers and its round trip are paid once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from psycopg import Cursor, sql
from sqlalchemy import Enum

from tenants import live
from tenants.db import TenantModel, Versioned, db


def insert_rows(model: type[TenantModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a tenant's table. All name the same columns, the id among them; the rest is the model's default."""
    if not rows:
        return
    columns = model.__table__.columns
    named = tuple(rows[0])
    implied = [(c.name, _default(c)) for c in columns if c.name not in rows[0] and c.default is not None]
    rest = [value for _, value in implied]
    written = [at for at, name in enumerate(named) if isinstance(columns[name].type, Enum)]
    if issubclass(model, Versioned):
        live.hint_list(str(model.__tablename__), len(rows))
    # What the session still holds back may be what these rows refer to.
    db.session.flush()
    cursor = cast("Cursor[Any]", db.session.connection().connection.cursor())
    with cursor, cursor.copy(_copy(model, (*named, *(name for name, _ in implied)))) as copy:
        for row in rows:
            values = [*row.values(), *rest]
            for at in written:
                values[at] = values[at] and values[at].value
            copy.write_row(values)


@cache
def _copy(model: type[TenantModel], columns: tuple[str, ...]) -> bytes:
    """Quoting a dozen names takes as long as adding a row."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(str(model.__tablename__)), names)
    return statement.as_bytes(None)


def _default(column: Any) -> Any:
    default = column.default
    return default.arg(None) if default.is_callable else default.arg
