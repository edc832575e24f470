from __future__ import annotations

from app.core.features import Feature
from app.mailbox.views import door

FEATURE = Feature(name="mailbox", blueprints=(door,))
