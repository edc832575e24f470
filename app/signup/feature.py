from __future__ import annotations

from app.core.features import Feature
from app.signup.views import door

FEATURE = Feature(name="signup", blueprints=(door,))
