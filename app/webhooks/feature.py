from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.core.features import Feature, MenuItem
from app.core.subjects import Subject
from app.escalation import forwarding
from app.escalation.forwarding import Taker
from app.notifications import deliveries, telling
from app.notifications.models import Channel
from app.webhooks import health, making, queries, sending
from app.webhooks.models import Webhook
from app.webhooks.views import bp
from tenants import turns
from tenants.turns import Kind

forwarding.give_to(Taker(name="webhooks", wants=making.wants, take=making.take))
deliveries.send_apart(Channel.WEBHOOK, Kind.WEBHOOKS, is_lagging=queries.is_any_failing)
turns.assign(Kind.WEBHOOKS, sending.act)
telling.name_rule(health.RULE, _l("A webhook keeps failing"))

telling.tell_of(
    Subject(
        name=health.SUBJECT,
        model=Webhook,
        label=_l("Webhook"),
        plural=_l("Webhooks"),
        icon="zap",
        permission="webhooks.manage",
        title=lambda: Webhook.name.expression,
        way=lambda webhook_id: url_for("webhooks.show", webhook_id=webhook_id),
        addressed=_l("Switched off"),
        addressed_by=_l("The address did not take what was sent, so the webhook was switched off."),
        is_record=False,
    )
)

FEATURE = Feature(
    name="webhooks",
    blueprints=(bp,),
    permissions=("webhooks.manage",),
    account=(MenuItem(label=_l("Webhooks"), icon="zap", endpoint="webhooks.index", permission="webhooks.manage"),),
)
