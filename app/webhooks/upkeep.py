from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import clock, everywhere
from tenants.models import Tenant

KEPT_FOR = timedelta(days=30)
"""How long it can be seen what was sent, and be sent again."""

_SETTLED = (DeliveryState.SENT, DeliveryState.DROPPED, DeliveryState.DEAD)


def forget_messages_everywhere() -> None:
    """One transaction a tenant. What waits stays, however old it is."""
    everywhere.for_each_tenant("kept messages", _forget_messages)


def _forget_messages(tenant: Tenant) -> None:
    settled = (Delivery.channel == Channel.WEBHOOK) & Delivery.state.in_(_SETTLED)
    old = Delivery.created_at <= clock.now() - KEPT_FOR
    with everywhere.inside(tenant.scope()) as session:
        session.execute(delete(Delivery).where(settled, Delivery.target != "", old))
