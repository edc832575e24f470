"""What happens when a connection leaves the pool and comes back.

Leaving: one message begins the transaction, takes on the tenant's role, path, limits and actor. The same
message is the check that the connection is alive, so no other ping is needed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import psycopg
from psycopg import pq
from sqlalchemy import exc
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from tenants import cursor, hangs
from tenants.context import Actor, Origin, Scope, current_actor, current_origin, current_scope, has_scope
from tenants.waiting import is_readable

TENANTS_PER_CONNECTION = 200
"""A backend's memory grows with every tenant it has seen and never shrinks, so it is retired after this many.
"""

_STATEMENT_MS = {"web": 10_000, "api": 10_000, "schedule": 30_000}
_PATIENT_MS = 120_000
_LOCK_MS = {"schedule": 500}
"""What comes round again goes on to the next tenant soon (tenants/everywhere.py)."""

_PATIENT_LOCK_MS = 3000
_IDLE_MS = {"job": 300_000}
"""A job may be busy with a file for as long as it may last at all (tenants/jobs.py); others only forgot to end."""

_LONGEST = {"web": 90.0, "api": 90.0, "job": 900.0}
"""Seconds for a unit of work, whatever it waits for: many statements, each within its own time-out."""

COMMIT_SECONDS = 20.0


def enter_tenant(connection: psycopg.Connection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Begin the tenant's transaction. Outside a tenant the login has no rights at all, so nothing is entered.

    Raises DisconnectionError for a dead connection: the pool then opens another one and calls again.
    """
    if not has_scope():
        return
    scope, origin = current_scope(), current_origin()
    cursor.begin(connection)
    if origin.source in _LONGEST:
        hangs.watch.begin(connection, seconds=_LONGEST[origin.source])
    _send(connection, entering(scope, current_actor(), origin))
    entry.info.setdefault("tenants", set()).add(scope.tenant_id)


def refuse_dead(connection: psycopg.Connection, _entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Costs no round trip: an idle connection on which something can be read is one that the server has closed.

    Raises DisconnectionError.
    """
    if is_readable(connection.fileno()):
        raise exc.DisconnectionError("The server closed the connection.")


def retire_if_worn(connection: psycopg.Connection | None, entry: ConnectionPoolEntry) -> None:
    hangs.watch.end(connection)
    if connection is not None and len(entry.info.get("tenants", ())) >= TENANTS_PER_CONNECTION:
        entry.info.pop("tenants")
        entry.invalidate()


# What the journal took down now stands among what nobody has forwarded yet; what others left there needs a mark too.
_MARK_AND_COMMIT = b"INSERT INTO platform.outbox (note) SELECT 'changes' WHERE EXISTS (SELECT FROM unrouted);COMMIT"


def commit(connection: psycopg.Connection, *, marks: Collection[str]) -> None:
    """Commit; where something was written, the same message tells the relay that this tenant has something to forward
    (tenants/relay.py), and leaves the marks that were asked for (tenants/db.py), names of our own.

    Raises DBAPIError where nothing was saved, or nobody knows.
    """
    hangs.watch.begin(connection, seconds=COMMIT_SECONDS)
    asked = "".join(f"INSERT INTO platform.outbox (note) VALUES ('{note}');" for note in sorted(marks))
    message = asked.encode() + _MARK_AND_COMMIT if cursor.has_written(connection) else b"COMMIT"
    result = connection.pgconn.exec_(message)
    if result.status == pq.ExecStatus.FATAL_ERROR:
        state = result.error_field(pq.DiagnosticField.SQLSTATE) or b"08006"
        error = psycopg.errors.lookup(state.decode())(_first_sentence(result))
        raise exc.OperationalError("COMMIT", None, error, connection_invalidated=connection.broken)


def entering(scope: Scope, actor: Actor, origin: Origin) -> bytes:
    """The message. Literals are quoted by their types' own rules: SET takes no parameters."""
    settings = {
        "statement_timeout": _STATEMENT_MS.get(origin.source, _PATIENT_MS),
        "lock_timeout": _LOCK_MS.get(origin.source, _PATIENT_LOCK_MS),
        "idle_in_transaction_session_timeout": _IDLE_MS.get(origin.source, 30_000),
        "app.actor": actor.user_id or "",
        "app.request": origin.request,
        "app.source": origin.source,
        "app.cause": origin.cause,
        "app.depth": origin.depth,
    }
    lines = [f"SET LOCAL {name}='{value}'" for name, value in settings.items()]
    role = f"BEGIN;SET LOCAL ROLE {scope.pg_schema};SET LOCAL search_path={scope.pg_schema},ext,pg_temp"
    return ";".join([role, *lines]).encode()


def _send(connection: psycopg.Connection, message: bytes) -> None:
    wire = connection.pgconn
    if wire.transaction_status != pq.TransactionStatus.IDLE and wire.status != pq.ConnStatus.BAD:
        raise exc.DisconnectionError("The connection was not idle.")
    result = wire.exec_(message)
    if result.status == pq.ExecStatus.FATAL_ERROR:
        _explain(connection, result)


def _explain(connection: psycopg.Connection, result: Any) -> None:
    if connection.pgconn.status == pq.ConnStatus.BAD:
        raise exc.DisconnectionError("The server closed the connection.")
    state = result.error_field(pq.DiagnosticField.SQLSTATE) or b"XX000"
    connection.rollback()
    raise psycopg.errors.lookup(state.decode())(_first_sentence(result))


def _first_sentence(result: Any) -> str:
    """Without DETAIL and CONTEXT, which can hold what people have entered."""
    said: bytes = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or result.error_message
    return said.decode()
