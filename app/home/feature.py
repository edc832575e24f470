from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.home.views import bp

FEATURE = Feature(
    name="home",
    blueprints=(bp,),
    permissions=("home.read",),
    menu=(MenuItem(label=_l("Today"), icon="house", endpoint="home.show", permission="home.read"),),
)
