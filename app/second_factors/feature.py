from __future__ import annotations

from app.core.features import Feature
from app.second_factors import asking, authenticators, proving

FEATURE = Feature(name="second_factors", blueprints=(asking.door, proving.door, authenticators.door))
