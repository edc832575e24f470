from __future__ import annotations

from app.core.features import Feature
from app.notifications import deliveries, mailing
from app.notifications.models import Channel

deliveries.send_by(Channel.MAIL, mailing.prepare)

FEATURE = Feature(name="notifications")
