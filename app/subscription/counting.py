"""How many users, records and bytes of files each firm has: counted several times a day, and the most is kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import islice
from uuid import UUID

from sqlalchemy import func, select

from app.core import access
from app.core.entities import entity_types
from billing import ledger
from billing.models import Meter
from tenants import clock, everywhere, files, memberships, registry
from tenants.context import tenant_scope
from tenants.db import rows, unit_of_work
from tenants.models import Tenant

_AT_ONCE = 100


def count_everywhere() -> None:
    """One transaction a tenant, and one on the platform."""
    tenants = registry.open_tenants()
    while some := list(islice(tenants, _AT_ONCE)):
        users = memberships.active([tenant.id for tenant in some])
        everywhere.for_each_tenant("usage", partial(_count, users=users), among=some)


def _count(tenant: Tenant, *, users: Mapping[UUID, int]) -> None:
    scope = tenant.scope()
    with tenant_scope(scope, origin=everywhere.ORIGIN):
        with unit_of_work():
            records = _records()
        today, now = clock.today(), clock.now()
    levels = {Meter.USERS: users[tenant.id], Meter.RECORDS: records, Meter.STORAGE: files.stored(scope)}
    ledger.add_levels(tenant.id, today, levels, at=now)


def _records() -> int:
    """All that a person would call a record and that is not in the recycle bin, in one statement."""
    each = [select(func.count()).select_from(access.visible(kind.model).subquery()) for kind in entity_types]
    ((found,),) = rows(select(sum((one.scalar_subquery() for one in each[1:]), each[0].scalar_subquery())))
    return int(found)
