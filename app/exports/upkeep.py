from __future__ import annotations

from app.exports import actions
from app.exports.models import KEPT_FOR
from tenants import clock, registry
from tenants.context import Origin, tenant_scope
from tenants.db import unit_of_work


def forget_files_everywhere() -> None:
    """One transaction a tenant."""
    for tenant in registry.open_tenants():
        with tenant_scope(tenant.scope(), origin=Origin(source="schedule")), unit_of_work():
            actions.forget_files(before=clock.now() - KEPT_FOR)
