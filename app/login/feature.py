from __future__ import annotations

from app.core.features import Feature
from app.login import passwords, views

FEATURE = Feature(name="login", blueprints=(views.door, passwords.door))
