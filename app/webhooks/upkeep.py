from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import clock, registry
from tenants.context import Origin, tenant_scope
from tenants.db import db, unit_of_work

KEPT_FOR = timedelta(days=30)
"""How long it can be seen what was sent, and be sent again."""

_SETTLED = (DeliveryState.SENT, DeliveryState.DROPPED, DeliveryState.DEAD)


def forget_messages_everywhere() -> None:
    """One transaction a tenant. What waits stays, however old it is."""
    before = clock.now() - KEPT_FOR
    for tenant in registry.open_tenants():
        with tenant_scope(tenant.scope(), origin=Origin(source="schedule")), unit_of_work():
            settled = (Delivery.channel == Channel.WEBHOOK) & Delivery.state.in_(_SETTLED)
            db.session.execute(delete(Delivery).where(settled, Delivery.target != "", Delivery.created_at <= before))
