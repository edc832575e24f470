from __future__ import annotations

from app.core.features import Feature
from app.health.views import door

FEATURE = Feature(name="health", blueprints=(door,))
