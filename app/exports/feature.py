from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, ListWay, MenuItem
from app.exports.views import bp

FEATURE = Feature(
    name="exports",
    blueprints=(bp,),
    permissions=("exports.export",),
    account=(MenuItem(label=_l("Exports"), icon="download", endpoint="exports.index", permission="exports.export"),),
    list_ways=(
        ListWay(
            label=_l("Export"), icon="download", endpoint="exports.start", permission="exports.export", verb="export"
        ),
    ),
)
