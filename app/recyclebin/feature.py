from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.recyclebin.views import bp

FEATURE = Feature(
    name="recyclebin",
    blueprints=(bp,),
    permissions=("recyclebin.read", "recyclebin.delete"),
    account=(
        MenuItem(label=_l("Recycle bin"), icon="trash-2", endpoint="recyclebin.index", permission="recyclebin.read"),
    ),
)
