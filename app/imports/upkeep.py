from __future__ import annotations

from datetime import timedelta

from app.imports import actions
from tenants import clock, everywhere
from tenants.models import Tenant

KEPT_FOR = timedelta(days=30)
"""After this long nobody mends a list any more; its report needs it no longer."""


def forget_lists_everywhere() -> None:
    """One transaction a tenant."""
    everywhere.for_each_tenant("kept lists", _forget_lists)


def _forget_lists(tenant: Tenant) -> None:
    with everywhere.inside(tenant.scope()):
        actions.forget_lists(before=clock.now() - KEPT_FOR)
