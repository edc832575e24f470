from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.core.entities import EVERY_RECORD, EntityRef
from app.core.features import Feature, Panel
from app.following import queries
from app.following.views import bp
from tenants.context import current_actor

_NAMED = 3


def _panel(record: EntityRef) -> dict[str, Any]:
    followers, own = queries.named_followers(record.id), current_actor().user_id
    is_on = any(follower.user_id == own for follower in followers)
    return {
        "is_on": is_on,
        "others": _others([follower.name for follower in followers if follower.user_id != own]),
    }


def _others(names: Sequence[str]) -> str:
    if not names:
        return ""
    named, more = ", ".join(names[:_NAMED]), len(names) - _NAMED
    if more > 0:
        return ngettext(
            "%(names)s and one more follow this.", "%(names)s and %(num)d more follow this.", more, names=named
        )
    if len(names) == 1:
        return gettext("%(name)s follows this.", name=named)
    return gettext("%(names)s follow this.", names=named)


FEATURE = Feature(
    name="following",
    blueprints=(bp,),
    permissions=("following.read", "following.write"),
    panels=(
        Panel(
            on=EVERY_RECORD,
            title=_l("Following"),
            template="following/panel.html",
            load=_panel,
            permission="following.read",
            lazy=True,
        ),
    ),
)
