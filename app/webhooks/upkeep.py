from __future__ import annotations

from app.notifications.models import Channel, Delivery, DeliveryState
from config.settings import settings
from tenants import everywhere, retention
from tenants.models import Tenant

KEPT_DAYS = 30
"""How long it can be seen what was sent, and be sent again."""

_SETTLED = (DeliveryState.SENT, DeliveryState.DROPPED)


def forget_messages_everywhere() -> None:
    """What waits stays, however old it is."""
    everywhere.for_each_tenant("kept messages", _forget_messages)


def _forget_messages(tenant: Tenant) -> None:
    own = (Delivery.channel == Channel.WEBHOOK) & (Delivery.target != "")
    retention.forget(tenant.scope(), Delivery, own, Delivery.state.in_(_SETTLED), days=KEPT_DAYS)
    dead = Delivery.state == DeliveryState.DEAD
    retention.forget(tenant.scope(), Delivery, own, dead, days=settings().dead_letters_kept_days)
