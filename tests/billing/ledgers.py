"""What the ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

NOBODY = UUID(int=0)


@contextmanager
def empty_ledger(app: Flask) -> Iterator[None]:
    """Nothing has been counted yet."""
    from billing import counters, ledger
    from billing.models import UsageSource, usage_counters, usage_levels
    from tenants.db import platform_work

    ledger._written.clear()
    for path in counters.folder().glob("*"):
        path.unlink()
    with app.app_context(), platform_work() as session:
        for table in (usage_counters, usage_levels, UsageSource.__table__):
            session.execute(table.delete())
    yield


def written_down(app: Flask) -> dict[UUID, dict[str, int]]:
    """{tenant: {meter: total}}, after everything that the processes counted was written down."""
    from billing import ledger
    from billing.models import usage_counters
    from tenants.db import platform_reading

    columns = usage_counters.c
    with app.app_context():
        ledger.write_down()
        with platform_reading() as session:
            rows = session.execute(
                select(columns.tenant_id, columns.meter, func.sum(columns.total)).group_by(
                    columns.tenant_id, columns.meter
                )
            ).all()
    found: dict[UUID, dict[str, int]] = {}
    for tenant_id, meter, total in rows:
        found.setdefault(tenant_id, {})[meter] = int(total)
    return found


def traffic(found: dict[UUID, dict[str, int]]) -> tuple[int, int]:
    """(bytes in, bytes out) of all accounts together."""
    return (
        sum(meters.get("bytes_in", 0) for meters in found.values()),
        sum(meters.get("bytes_out", 0) for meters in found.values()),
    )
