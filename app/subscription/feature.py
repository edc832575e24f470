from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.subscription.views import bp

FEATURE = Feature(
    name="subscription",
    blueprints=(bp,),
    permissions=("subscription.manage",),
    account=(
        MenuItem(
            label=_l("Usage and bill"),
            icon="chart-column",
            endpoint="subscription.usage",
            permission="subscription.manage",
        ),
    ),
)
