from __future__ import annotations

from app.core.features import Bell, Feature
from app.notifications import deliveries, mail_views, unread
from app.notifications.models import Channel
from app.notifications.views import bp
from tenants.turns import Kind

deliveries.send_apart(Channel.MAIL, Kind.MAILS)

FEATURE = Feature(
    name="notifications",
    blueprints=(bp, mail_views.bp),
    permissions=("notifications.read", "notifications.mark", "mails.manage"),
    bell=Bell(
        endpoint="notifications.index",
        renewed="notifications.bell",
        unread=unread.mine,
        permission="notifications.read",
    ),
)
