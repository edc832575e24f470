from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Bell, Feature, MenuItem
from app.notifications import deliveries, mail_views, unread
from app.notifications.models import Channel
from app.notifications.views import bp
from tenants.turns import Kind

deliveries.send_apart(Channel.MAIL, Kind.MAILS)

FEATURE = Feature(
    name="notifications",
    blueprints=(bp, mail_views.bp),
    permissions=("notifications.read", "notifications.mark", "mails.manage"),
    account=(MenuItem(label=_l("Failed mails"), icon="mail", endpoint="mails.index", permission="mails.manage"),),
    bell=Bell(
        endpoint="notifications.index",
        renewed="notifications.bell",
        unread=unread.mine,
        permission="notifications.read",
    ),
)
