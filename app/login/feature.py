from __future__ import annotations

from app.core.features import Feature
from app.login import passwords

FEATURE = Feature(name="login", blueprints=(passwords.door,))
