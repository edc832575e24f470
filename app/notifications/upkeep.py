from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from app.notifications.models import Channel, Delivery, DeliveryState
from config.settings import settings
from tenants import clock, everywhere
from tenants.models import Tenant


def forget_mails_everywhere() -> None:
    """That a notification went by mail is forgotten after a while; the notification itself stays."""
    everywhere.for_each_tenant("mails of firms of the past", _forget_mails)


def _forget_mails(tenant: Tenant) -> None:
    now = clock.now()
    kept_for = {
        DeliveryState.SENT: settings().sent_mails_days,
        DeliveryState.DROPPED: settings().sent_mails_days,
        DeliveryState.DEAD: settings().failed_mails_days,
    }
    with everywhere.inside(tenant.scope()) as session:
        for state, days in kept_for.items():
            old = (Delivery.state == state) & (Delivery.created_at < now - timedelta(days=days))
            session.execute(delete(Delivery).where(Delivery.channel == Channel.MAIL, old))
