"""What the ledger says."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from tests.billing.wire import Wire

NOBODY = UUID(int=0)
_PATIENCE = 10.0

Accounts = dict[UUID, dict[str, int]]
"""{tenant: {meter: total}}"""


@dataclass
class Ledger:
    """What is written down from now on."""

    app: Flask
    _before: Accounts = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._before = written_down(self.app)

    def accounts(self) -> Accounts:
        found: Accounts = {}
        for tenant_id, meters in written_down(self.app).items():
            before = self._before.get(tenant_id, {})
            for meter, total in meters.items():
                if total != before.get(meter, 0):
                    found.setdefault(tenant_id, {})[meter] = total - before.get(meter, 0)
        return found

    def settled(self, wire: Wire, *, requests: int = 0) -> Accounts:
        """Once it says what the wire says and knows of so many requests, or after a few seconds at the latest."""
        wire.wait()
        deadline = time.monotonic() + _PATIENCE
        while not self._has_all(found := self.accounts(), wire, requests) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _has_all(self, found: Accounts, wire: Wire, requests: int) -> bool:
        known = sum(meters.get("requests", 0) for meters in found.values())
        return traffic(found) == wire.carried and known >= requests


def written_down(app: Flask) -> Accounts:
    """After everything that the processes counted was written down."""
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
    found: Accounts = {}
    for tenant_id, meter, total in rows:
        found.setdefault(tenant_id, {})[meter] = int(total)
    return found


def traffic(found: Accounts) -> tuple[int, int]:
    """(bytes in, bytes out) of all accounts together."""
    return (
        sum(meters.get("bytes_in", 0) for meters in found.values()),
        sum(meters.get("bytes_out", 0) for meters in found.values()),
    )
