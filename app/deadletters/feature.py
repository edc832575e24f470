from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.deadletters.views import bp

FEATURE = Feature(
    name="deadletters",
    blueprints=(bp,),
    permissions=("deadletters.manage",),
    account=(
        MenuItem(
            label=_l("Given up"), icon="triangle-alert", endpoint="deadletters.index", permission="deadletters.manage"
        ),
    ),
)
