from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.firm.views import bp

FEATURE = Feature(
    name="firm",
    blueprints=(bp,),
    permissions=("firm.read", "settings.manage"),
    account=(MenuItem(label=_l("Settings"), icon="settings", endpoint="firm.show", permission="settings.manage"),),
    logo="firm.logo",
)
