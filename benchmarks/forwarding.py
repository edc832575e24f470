"""`python -m benchmarks.forwarding TENANTS BURST`: how long it takes until somebody is told, and what taking down a
change costs. Needs a relay and one worker; prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import select, text, update

from app.contacts.models import Contact
from app.factory import create_app
from app.following.models import Follow
from app.users.models import User
from benchmarks import processes
from benchmarks.sizes import small_slug
from tenants import engines, registry
from tenants.context import Origin, Scope, tenant_scope
from tenants.db import db, new_id, unit_of_work

_EVERY = 0.05
_PATIENCE_SECONDS = 180
_ROWS = 10_000
_CHANGED = Origin(source="web")


def main(tenants: int, burst: int) -> None:
    with create_app().app_context():
        firms = [prepared(small_slug(number)) for number in range(tenants)]
        until_quiet()
        one_by_one = told(firms, [touch(firm) for firm in _paced(firms)])
        crowd = _crowd(firms, burst)
    sys.stdout.write(json.dumps({"one_by_one": spread(one_by_one), **crowd, "capture": _capture(firms[0][0])}))


Firm = tuple[Scope, UUID]
"""A tenant, and a contact whom its owner follows."""


def prepared(slug: str) -> Firm:
    scope = registry.named(slug).scope()
    with tenant_scope(scope), unit_of_work() as session:
        contact_id = session.scalars(select(Contact.id).limit(1)).one()
        owner_id = session.scalars(select(User.id).limit(1)).one()
        session.add(Follow(user_id=owner_id, kind="contact", record_id=contact_id))
    return scope, contact_id


def _paced(firms: Sequence[Firm]) -> Any:
    """Each firm twice, twenty a second."""
    for firm in [*firms, *firms]:
        time.sleep(_EVERY)
        yield firm


def touch(firm: Firm) -> datetime:
    """Change what somebody follows; answers when it was saved."""
    scope, contact_id = firm
    with tenant_scope(scope, origin=_CHANGED), unit_of_work() as session:
        changed = update(Contact).where(Contact.id == contact_id).values(title=str(new_id())[-12:])
        session.execute(changed)
        saved: datetime = session.scalars(text("SELECT clock_timestamp()")).one()
    return saved


def told(firms: Sequence[Firm], saved: Sequence[datetime]) -> list[float]:
    """Milliseconds from each change to the notification about it."""
    until_quiet([scope for scope, _ in firms])
    found = []
    for number, (scope, contact_id) in enumerate(firms):
        mine = sorted(saved[number :: len(firms)])
        with tenant_scope(scope), unit_of_work():
            query = text("SELECT created_at FROM notifications WHERE record_id = :id ORDER BY created_at DESC LIMIT :n")
            moments = sorted(db.session.scalars(query, {"id": contact_id, "n": len(mine)}))
        found += [(then - since).total_seconds() * 1000 for since, then in zip(mine, moments, strict=True)]
    return found


def until_quiet(scopes: Sequence[Scope] = ()) -> None:
    """Nobody of these, or nobody at all, has anything left to be forwarded."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    roles = [scope.pg_schema for scope in scopes]
    waiting = "SELECT 1 FROM platform.outbox WHERE note = 'changes' AND (role = ANY(%s) OR %s) LIMIT 1"
    with engines.provisioner() as connection:
        while connection.execute(waiting, [roles, not roles]).fetchone():
            if time.monotonic() > deadline:
                raise RuntimeError("Forwarding did not come to its end.")
            time.sleep(0.02)


def _crowd(firms: Sequence[Firm], burst: int) -> dict[str, Any]:
    """One tenant changes a great deal at once; how fast that is worked off, and how long the others wait."""
    (scope, _), quiet = firms[0], firms[1:]
    began = time.perf_counter()
    changed = _change_many(scope, burst)
    waited = told(quiet, [touch(firm) for firm in _paced(quiet)])
    until_quiet()
    seconds = time.perf_counter() - began
    return {"crowd": {"changes": changed, "per_second": changed / seconds}, "beside_crowd": spread(waited)}


def _change_many(scope: Scope, burst: int) -> int:
    changed = 0
    while changed < burst:
        with tenant_scope(scope, origin=_CHANGED), unit_of_work() as session:
            done = session.execute(update(Contact).values(title=str(new_id())[-12:]))
            changed += getattr(done, "rowcount", 0)
    return changed


def spread(times: Sequence[float]) -> dict[str, float]:
    return {"p50_ms": median(times), "p99_ms": quantiles(times, n=100, method="inclusive")[-1], "max_ms": max(times)}


def _capture(scope: Scope) -> dict[str, float]:
    """Microseconds of the database's CPU that the journal adds: to one inserted row, and to each of ten thousand."""
    with engines.provisioner() as connection:
        connection.execute(f"SET search_path = {scope.pg_schema}, ext".encode())
        connection.execute("CREATE TEMP TABLE copied AS SELECT * FROM contacts LIMIT 1")
        alone = _cost(connection, rows=1, times=500) - _cost(connection, rows=1, times=500, bare=True)
        many = _cost(connection, rows=_ROWS, times=3) - _cost(connection, rows=_ROWS, times=3, bare=True)
    return {"one_us": alone, "of_many_us": many}


def _cost(connection: psycopg.Connection, *, rows: int, times: int, bare: bool = False) -> float:
    """Of one row, in a transaction that is taken back."""
    columns = (
        "id, given_name, family_name, display_name, sort_key, own_text, beside_text, created_at, updated_at, version"
    )
    insert = (
        f"INSERT INTO contacts ({columns}) SELECT gen_random_uuid(), {columns[4:]} FROM copied, generate_series(1, %s)"
    )
    backend = [connection.info.backend_pid]
    connection.execute(f"SET session_replication_role = {'replica' if bare else 'origin'}".encode())
    with connection.transaction(force_rollback=True):
        before = processes.cpu_seconds(backend)
        for _ in range(times):
            connection.execute(insert.encode(), [rows])
        return (processes.cpu_seconds(backend) - before) / (times * rows) * 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
