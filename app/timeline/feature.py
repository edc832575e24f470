from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.timeline import history
from app.timeline.views import bp

FEATURE = Feature(
    name="timeline",
    blueprints=(bp,),
    account=(
        MenuItem(
            label=_l("What you follow"), icon="bell-ring", endpoint="timeline.followed", permission="following.read"
        ),
    ),
    entries=history.entries,
    entries_label=_l("Changes"),
    followed=history.followed,
    meanwhile="timeline.meanwhile",
)
