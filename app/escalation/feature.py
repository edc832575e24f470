from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.entities import EVERY_RECORD
from app.core.features import Feature, MenuItem, Panel
from app.escalation import due, forwarding, hourpages, mails, pages, views
from tenants import turns
from tenants.turns import Kind

turns.assign(Kind.CHANGES, forwarding.forward)
turns.assign(Kind.DUE, due.act)
turns.assign(Kind.MAILS, mails.act)

FEATURE = Feature(
    name="escalation",
    blueprints=(views.bp, hourpages.bp),
    permissions=("rules.manage", "deadlines.read"),
    account=(
        MenuItem(label=_l("Forwarding"), icon="zap", endpoint="rules.index", permission="rules.manage"),
        MenuItem(label=_l("Business hours"), icon="clock", endpoint="hours.show", permission="rules.manage"),
    ),
    panels=(
        Panel(
            on=EVERY_RECORD,
            title=_l("If nobody acts"),
            template="escalation/panel.html",
            load=pages.deadlines_of,
            permission="deadlines.read",
            lazy=True,
        ),
    ),
)
