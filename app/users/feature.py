from __future__ import annotations

from app.core.features import Feature

FEATURE = Feature(name="users")
