from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.users import queries
from app.users.api import RESOURCE
from app.users.duties import room as duties
from app.users.invited import door
from app.users.views import bp

FEATURE = Feature(
    name="users",
    resources=(RESOURCE,),
    blueprints=(bp, duties, door),
    permissions=("users.read", "users.manage", "users.own"),
    account=(MenuItem(label=_l("Users"), icon="users", endpoint="users.index", permission="users.manage"),),
    people=queries.names,
)
