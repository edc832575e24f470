from __future__ import annotations

from app.core.features import Bell, Feature
from app.notifications import deliveries, mailing, unread
from app.notifications.models import Channel
from app.notifications.views import bp

deliveries.send_by(Channel.MAIL, mailing.prepare)

FEATURE = Feature(
    name="notifications",
    blueprints=(bp,),
    permissions=("notifications.read", "notifications.mark"),
    bell=Bell(
        endpoint="notifications.index",
        renewed="notifications.bell",
        unread=unread.mine,
        permission="notifications.read",
    ),
)
