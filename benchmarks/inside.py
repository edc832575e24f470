"""`python -m benchmarks.inside`: what no request shows alone. Prints JSON: entering a tenant, making one,
counting the bytes of a request."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import text

from app.factory import create_app
from benchmarks import counting, processes
from tenants import clock, engines, provisioning, registry
from tenants.checkout import entering
from tenants.context import Actor, Origin, Scope, tenant_scope
from tenants.db import PLATFORM_BIND, db, new_id, unit_of_work

_TIMES = 2000
_MADE = 10
_US, _MS = 1e6, 1e3


def main() -> None:
    app = create_app()
    with app.app_context():
        scopes = [tenant.scope() for tenant in registry.open_tenants()]
        tenant_ids = [scope.tenant_id for scope in scopes]
        found = {
            "entering": _entering(scopes),
            "making": _making(),
            "counting": {"request_cpu_us": counting.request_cpu_us(tenant_ids)},
        }
    sys.stdout.write(json.dumps(found))


def _entering(scopes: list[Scope]) -> dict[str, float]:
    """In microseconds, above the same without a tenant: in the driver, and of CPU through the ORM."""
    actor, origin = (
        Actor(user_id=new_id(), name="", permissions=frozenset()),
        Origin(source="web", request="r"),
    )
    messages = [entering(scope, actor, origin) for scope in scopes]
    url = engines.cell_url().set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        wire = connection.pgconn
        bare = _each(lambda _: (wire.exec_(b"BEGIN"), wire.exec_(b"ROLLBACK")), clocked=time.perf_counter)
        one = _each(lambda _: (wire.exec_(messages[0]), wire.exec_(b"ROLLBACK")), clocked=time.perf_counter)
        many = _each(
            lambda n: (wire.exec_(messages[n % len(messages)]), wire.exec_(b"ROLLBACK")),
            clocked=time.perf_counter,
        )
    plain = _each(lambda _: _work_without(), clocked=time.process_time)
    entered = _each(lambda n: _work_in(scopes[n % len(scopes)], actor, origin), clocked=time.process_time)
    return {
        "driver_us_one_tenant": (one - bare) * _US,
        "driver_us_all_tenants": (many - bare) * _US,
        "orm_cpu_us": (entered - plain) * _US,
    }


def _work_in(scope: Scope, actor: Actor, origin: Origin) -> None:
    with tenant_scope(scope, actor=actor, origin=origin), unit_of_work() as session:
        session.execute(text("SELECT 1"))


def _work_without() -> None:
    engine = db.engines[PLATFORM_BIND].execution_options(isolation_level="READ COMMITTED")
    with engine.begin() as connection:
        connection.execute(text("SELECT 1"))


def _each(work: Callable[[int], Any], *, clocked: Callable[[], float]) -> float:
    """Seconds of one time: the median of ten series, so that a neighbour's noise falls out."""
    series = []
    for number in range(10):
        began = clocked()
        for at in range(_TIMES // 10):
            work(number * _TIMES // 10 + at)
        series.append((clocked() - began) / (_TIMES // 10))
    return median(series)


def _making() -> dict[str, float]:
    """A ready schema, in milliseconds: wall, and CPU of the database's backend."""
    walls = []
    with engines.provisioner() as connection:
        backend = [connection.info.backend_pid]
        before = processes.cpu_seconds(backend)
        for _ in range(_MADE):
            began = time.perf_counter()
            provisioning.make_ready(connection, at=clock.now())
            walls.append(time.perf_counter() - began)
        database = (processes.cpu_seconds(backend) - before) / _MADE
    return {"wall_ms": median(walls) * _MS, "database_cpu_ms": database * _MS}


if __name__ == "__main__":
    main()
