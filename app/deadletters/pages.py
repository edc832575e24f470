from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.core.fields import Text
from app.deadletters import queries, wording
from app.deadletters.queries import Kind
from app.escalation import queries as rules
from app.escalation.setting_aside import READING
from app.notifications import troubles
from app.notifications.models import Channel
from tenants.errors import NotFound

_ICONS = {Kind.JOB: "layers", Kind.CHANGE: "zap", Kind.MESSAGE: "mail"}
_JOBS: Mapping[str, Text] = {
    "app.exports.jobs": _l("An export"),
    "app.imports.jobs": _l("An import"),
    "app.selection.jobs": _l("Change of many records"),
    "app.affiliations.jobs": _l("Update of who works where"),
    "app.escalation.deadlines": _l("Deadlines reckoned anew"),
    "app.escalation.catching_up": _l("Begin of a rule"),
}
_CHANNELS: Mapping[str, Text] = {
    Channel.MAIL: _l("Mail"),
    Channel.WEBHOOK: _l("Message to a webhook"),
    Channel.IN_APP: _l("Notification"),
}


def listed(*, before: UUID | None) -> Mapping[str, Any]:
    found, behind = queries.letters(before=before)
    names = {rule.key: str(rule.name) for rule in rules.all_rules()} if found else {}
    return {"letters": [_letter(row, names) for row in found], "before": before, "behind": behind}


def kind(name: str) -> Kind:
    """As an address has it. Raises NotFound."""
    if name not in set(Kind):
        raise NotFound
    return Kind(name)


def _letter(row: Row[Any], rule_names: Mapping[str, str]) -> Mapping[str, Any]:
    attempts = ngettext("%(num)d attempt", "%(num)d attempts", row.attempts) if row.attempts else ""
    return {
        "id": row.id,
        "kind": row.kind,
        "icon": _ICONS[Kind(row.kind)],
        "what": _what(row, rule_names),
        "at": row.created_at,
        "attempts": attempts,
        "why": _said(row),
        "code": wording.code(row.error),
    }


def _what(row: Row[Any], rule_names: Mapping[str, str]) -> str:
    match Kind(row.kind):
        case Kind.JOB:
            return str(_JOBS.get(row.what.rpartition(".")[0], row.what))
        case Kind.MESSAGE:
            return str(_CHANNELS.get(row.what, row.what))
        case _ if row.what == READING:
            return gettext("A change that could not be read")
        case _ if row.what == "webhooks":
            return gettext("A change of which webhooks could not be told")
        case _:
            return gettext("A change with which the rule “%(rule)s” failed", rule=rule_names.get(row.what, row.what))


def _said(row: Row[Any]) -> str:
    """Why, as a sentence."""
    error = row.error or ""
    match row.what if row.kind == Kind.MESSAGE else None:
        case Channel.MAIL:
            return troubles.of_mail(error)
        case None:
            return wording.sentence(error)
        case _:
            return troubles.of_webhook(error)
