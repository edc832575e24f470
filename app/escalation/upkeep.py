from __future__ import annotations

from app.escalation.models import SetAside
from config.settings import settings
from tenants import everywhere, retention
from tenants.models import Tenant


def forget_set_aside_everywhere() -> None:
    everywhere.for_each_tenant("old changes set aside", _forget)


def _forget(tenant: Tenant) -> None:
    retention.forget(tenant.scope(), SetAside, days=settings().dead_letters_kept_days)
