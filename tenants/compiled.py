"""Statements that pages send all day, compiled once for the driver: what SQLAlchemy does around each execution is a
fifth of a short one, and hides from the driver which of them the server may keep a plan of.

A statement that is executed a second time is taken to be one that is kept; one that was built for the moment stays
with SQLAlchemy, whose own cache knows its likes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import BindParameter, Connection, Dialect, Executable, Row
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import SelectBase
from sqlalchemy.types import TypeEngine

_Change = Callable[[Any], Any] | None
_Row = tuple[Any, ...]
_Rows = Sequence[Row[*tuple[Any, ...]]]

_known: WeakKeyDictionary[Executable, _Compiled | None] = WeakKeyDictionary()


def rows(
    connection: Connection, statement: Executable, values: Mapping[str, Any] | None = None, *, prepare: bool = False
) -> _Rows:
    """What ``connection.execute(statement, values).all()`` answers, and the same errors.

    With ``prepare`` the server keeps its plan: only where all connections see one schema (never for tenants).
    """
    compiled = _known.get(statement)
    if compiled is not None:
        return compiled.rows(connection, values or {}, prepare=prepare)
    if statement in _known:
        _known[statement] = compiled = _compiled(statement, connection.dialect)
        if compiled is not None:
            return compiled.rows(connection, values or {}, prepare=prepare)
    elif isinstance(statement, SelectBase):
        _known[statement] = None
    return connection.execute(statement, values).all()


def send(connection: Connection, text: bytes, values: Sequence[Any]) -> Sequence[_Row]:
    """For a text that names its values by place (%s): the rows that it answers, and SQLAlchemy's errors."""
    return _answered(connection, text, values)[0]


def _answered(
    connection: Connection,
    text: bytes,
    values: Mapping[str, Any] | Sequence[Any],
    *,
    prepare: bool = False,
    described: bool = False,
) -> tuple[list[_Row], Any]:
    """(rows, the columns' description where that is wanted)"""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.cursor() as cursor:
            cursor.execute(text, values, prepare=prepare)
            found = cursor.fetchall() if cursor.rownumber is not None else []
            return found, cursor.description if described else None
    except psycopg.Error as error:
        if driver.broken:
            connection.invalidate(error)
        raise _as_of_sqlalchemy(error, text, lost=driver.broken) from error
    except BaseException as end:
        if not isinstance(end, Exception):
            # Told to stop in the midst of an answer: nobody knows what the connection still has to say.
            connection.invalidate(end)
        raise


def _as_of_sqlalchemy(error: psycopg.Error, text: bytes, *, lost: bool) -> BaseException:
    """Without the values, which are nobody's business."""
    return DBAPIError.instance(text.decode(), {}, error, psycopg.Error, connection_invalidated=lost)


class _Compiled:
    """The text, what becomes of the values that it is given, and of the columns that it finds."""

    def __init__(self, text: str, binds: Mapping[BindParameter[Any], str], columns: Any, dialect: Dialect) -> None:
        self._text, self._dialect = text.encode(), dialect
        self._given = {bind.key: (name, _sent(bind.type, dialect)) for bind, name in binds.items()}
        self._fixed = {
            name: _changed(bind.value, _sent(bind.type, dialect)) for bind, name in binds.items() if not bind.required
        }
        self._types: list[TypeEngine[Any]] = [column.type for column in columns]
        self._keys = SimpleResultMetaData(columns.keys())
        self._found: list[tuple[int, Callable[[Any], Any]]] | None = None

    def rows(self, connection: Connection, values: Mapping[str, Any], *, prepare: bool) -> _Rows:
        is_first = self._found is None
        found, description = _answered(connection, self._text, self._sent(values), prepare=prepare, described=is_first)
        if is_first:
            changes = [
                _received(type_, self._dialect, column[1])
                for type_, column in zip(self._types, description, strict=True)
            ]
            self._found = [(at, change) for at, change in enumerate(changes) if change is not None]
        return IteratorResult(self._keys, iter(self._changed(found) if self._found else found)).all()

    def _sent(self, values: Mapping[str, Any]) -> dict[str, Any]:
        sent = self._fixed.copy()
        for key, value in values.items():
            if key in self._given:
                name, change = self._given[key]
                sent[name] = _changed(value, change)
        return sent

    def _changed(self, found: Sequence[_Row]) -> Sequence[_Row]:
        """Enumerations and the like, as their types read them."""
        answer = []
        for row in found:
            values = list(row)
            for at, change in self._found or ():
                values[at] = change(values[at])
            answer.append(tuple(values))
        return answer


def _compiled(statement: Executable, dialect: Dialect) -> _Compiled | None:
    """None where SQLAlchemy still has something to do at each execution, such as to write a list out."""
    assert isinstance(statement, SelectBase)
    compiled: Any = statement.compile(dialect=dialect)
    binds: Mapping[BindParameter[Any], str] = compiled.bind_names
    if any(bind.expanding or bind.literal_execute or bind.callable for bind in binds):
        return None
    return _Compiled(str(compiled), binds, statement.exported_columns, dialect)


def _sent(type_: TypeEngine[Any], dialect: Dialect) -> _Change:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _received(type_: TypeEngine[Any], dialect: Dialect, driver_type: object) -> _Change:
    return type_.dialect_impl(dialect).result_processor(dialect, driver_type)


def _changed(value: Any, change: _Change) -> Any:
    return change(value) if change else value
