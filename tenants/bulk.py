"""Writing rows past the session: many by one COPY a table, so that its triggers and its round trip are paid once; a
single one by a statement that is ready.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

from psycopg import Cursor, sql
from sqlalchemy import Enum, Integer

from tenants import clock, compiled, live
from tenants.db import TenantModel, Versioned, db


def insert_rows(model: type[TenantModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a tenant's table. All name the same columns, the id among them; the rest is the model's default."""
    if not rows:
        return
    named = tuple(rows[0])
    rest = {column.name: _default(column) for column in _implied(model, named)}
    if issubclass(model, Versioned):
        live.hint_list(str(model.__tablename__), len(rows))
    # What the session still holds back may be what these rows refer to.
    db.session.flush()
    lines = ([*_written(model, row), *rest.values()] for row in rows)
    if len(rows) == 1:
        compiled.send(db.session.connection(), _insert(model, (*named, *rest)), next(lines))
        return
    cursor = cast("Cursor[Any]", db.session.connection().connection.cursor())
    with cursor, cursor.copy(_copy(model, (*named, *rest))) as copy:
        for line in lines:
            copy.write_row(line)


def change_row(model: type[Versioned], record_id: UUID, values: Mapping[str, Any]) -> None:
    """Change one row, which this unit of work has locked; all that a person may enter of it is named, so that there is
    one statement for all changes.
    """
    db.session.flush()
    sent = [*_written(model, values), clock.now(), record_id]
    ((version,),) = compiled.send(db.session.connection(), _update(model, tuple(values)), sent)
    live.hint(record_id, version)
    live.hint_list(str(model.__tablename__), 1)


def change_rows(model: type[Versioned], told: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Change many such rows, each in the same columns; one statement for all. Texts and numbers only."""
    if not told:
        return
    db.session.flush()
    names = tuple(next(iter(told.values())))
    lines = [_written(model, row) for row in told.values()]
    arrays = [[line[at] for line in lines] for at in range(len(names))]
    compiled.send(db.session.connection(), _update_many(model, names), [clock.now(), list(told), *arrays])
    live.hint_list(str(model.__tablename__), None)


def _written(model: type[TenantModel], row: Mapping[str, Any]) -> list[Any]:
    enumerations = _enumerations(model)
    return [value and value.value if name in enumerations else value for name, value in row.items()]


@cache
def _enumerations(model: type[TenantModel]) -> frozenset[str]:
    return frozenset(column.name for column in model.__table__.columns if isinstance(column.type, Enum))


@cache
def _implied(model: type[TenantModel], named: tuple[str, ...]) -> Sequence[Any]:
    return [c for c in model.__table__.columns if c.name not in named and c.default is not None]


@cache
def _copy(model: type[TenantModel], columns: tuple[str, ...]) -> bytes:
    """Quoting a dozen names takes as long as adding a row."""
    return sql.SQL("COPY {} ({}) FROM STDIN").format(_table(model), _names(columns)).as_bytes(None)


@cache
def _insert(model: type[TenantModel], columns: tuple[str, ...]) -> bytes:
    places = _listed([sql.SQL("%s")] * len(columns))
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(_table(model), _names(columns), places).as_bytes(None)


@cache
def _update(model: type[Versioned], columns: tuple[str, ...]) -> bytes:
    each = [sql.SQL("{} = %s").format(sql.Identifier(name)) for name in (*columns, "updated_at")]
    text = "UPDATE {} SET {}, version = version + 1 WHERE id = %s RETURNING version"
    return sql.SQL(text).format(_table(model), _listed(each)).as_bytes(None)


@cache
def _update_many(model: type[Versioned], columns: tuple[str, ...]) -> bytes:
    each = [sql.SQL("{name} = told.{name}").format(name=sql.Identifier(name)) for name in columns]
    numbers = {column.name for column in model.__table__.columns if isinstance(column.type, Integer)}
    arrays = [sql.SQL("%s::bigint[]" if name in numbers else "%s::text[]") for name in columns]
    text = (
        "UPDATE {table} SET {each}, updated_at = %s, version = {table}.version + 1"
        " FROM unnest(%s::uuid[], {arrays}) AS told (id, {names}) WHERE {table}.id = told.id"
    )
    return (
        sql.SQL(text)
        .format(table=_table(model), each=_listed(each), arrays=_listed(arrays), names=_names(columns))
        .as_bytes(None)
    )


def _listed(parts: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


def _table(model: type[TenantModel]) -> sql.Identifier:
    return sql.Identifier(str(model.__tablename__))


def _names(columns: tuple[str, ...]) -> sql.Composed:
    return _listed([sql.Identifier(name) for name in columns])


def _default(column: Any) -> Any:
    default = column.default
    return default.arg(None) if default.is_callable else default.arg
