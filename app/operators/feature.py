from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.operators import doors, operator_factors, rooms, views

FEATURE = Feature(
    name="operators",
    blueprints=(doors.door, operator_factors.door, views.door, rooms.bp),
    permissions=("operator.own",),
    account=(
        MenuItem(label=_l("What the operator did"), icon="eye", endpoint="operator.acts", permission="operator.own"),
    ),
)
