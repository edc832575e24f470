from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.escalation import due, forwarding
from app.escalation.views import bp
from tenants import turns
from tenants.turns import Kind

turns.assign(Kind.CHANGES, forwarding.forward)
turns.assign(Kind.DUE, due.act)

FEATURE = Feature(
    name="escalation",
    blueprints=(bp,),
    permissions=("rules.manage",),
    account=(MenuItem(label=_l("Forwarding"), icon="zap", endpoint="rules.index", permission="rules.manage"),),
)
