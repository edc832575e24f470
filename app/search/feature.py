from __future__ import annotations

from app.core.features import Feature
from app.search.views import bp

FEATURE = Feature(name="search", blueprints=(bp,), permissions=("search.read",))
