from __future__ import annotations

from app.notifications.models import Channel, Delivery, DeliveryState
from config.settings import settings
from tenants import everywhere, retention
from tenants.models import Tenant

_SETTLED = (DeliveryState.SENT, DeliveryState.DROPPED)


def forget_mails_everywhere() -> None:
    """That a notification went by mail is forgotten after a while; the notification itself stays."""
    everywhere.for_each_tenant("mails of firms of the past", _forget_mails)


def _forget_mails(tenant: Tenant) -> None:
    own, dead = Delivery.channel == Channel.MAIL, Delivery.state == DeliveryState.DEAD
    retention.forget(tenant.scope(), Delivery, own, Delivery.state.in_(_SETTLED), days=settings().sent_mails_days)
    retention.forget(tenant.scope(), Delivery, own, dead, days=settings().dead_letters_kept_days)
