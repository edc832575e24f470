from __future__ import annotations

from datetime import timedelta

from app.imports import actions
from tenants import clock, registry
from tenants.context import Origin, tenant_scope
from tenants.db import unit_of_work

KEPT_FOR = timedelta(days=30)
"""After this long nobody mends a list any more; its report needs it no longer."""


def forget_lists_everywhere() -> None:
    """One transaction a tenant."""
    for tenant in registry.open_tenants():
        with tenant_scope(tenant.scope(), origin=Origin(source="schedule")), unit_of_work():
            actions.forget_lists(before=clock.now() - KEPT_FOR)
