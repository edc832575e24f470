from __future__ import annotations

from app.exports import actions
from app.exports.models import KEPT_FOR
from tenants import clock, everywhere
from tenants.models import Tenant


def forget_files_everywhere() -> None:
    """One transaction a tenant."""
    everywhere.for_each_tenant("kept exports", _forget_files)


def _forget_files(tenant: Tenant) -> None:
    with everywhere.inside(tenant.scope()):
        actions.forget_files(before=clock.now() - KEPT_FOR)
