"""What the pages of users show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy import Row

from app.core import access, i18n, links
from app.core.lists import Line
from app.core.markup import avatar
from app.users import queries
from app.users.models import User
from app.users.schemas import ROLES, role_label
from tenants import clock, duties, invitations, logins, memberships
from tenants.context import current_actor
from tenants.models import Invitation, Role


def index(*, after: UUID | None) -> dict[str, Any]:
    found, next_after = queries.page(after=after)
    heads = [gettext("Name"), gettext("E-mail"), gettext("Role in the firm"), gettext("State"), gettext("Last seen")]
    page: dict[str, Any] = {
        "title": gettext("Users"),
        "search": {},
        "columns": [(head, None, None, head is heads[-1]) for head in heads],
        "rows": _rows(found),
        "previous_url": request.path if after else None,
        "next_url": url_for("users.index", after=next_after) if next_after else None,
        "actions": [
            (gettext("Second factor"), "smartphone", url_for("duties.show"), False),
            (gettext("Invite"), "plus", url_for("users.new"), True),
        ],
        "empty": (gettext("Nobody yet."), "", ()),
    }
    return {"page": page, "invitations": [] if after else [_invited(one) for one in invitations.waiting()]}


def _rows(found: Sequence[Row[Any]]) -> list[Line]:
    seen, url_of = memberships.seen_on([row.id for row in found]), links.urls("users.show", "user_id")
    labels = {role: str(label) for role, label, _ in ROLES}
    rows: list[Line] = []
    for row in found:
        state = _state(active=row.active)
        seen_on = seen.get(row.id)
        subtitle = labels[row.role] if row.active else f"{labels[row.role]} · {state}"
        last = i18n.say_past_day(seen_on) if seen_on else ""
        cells = [(row.email, False), (labels[row.role], False), (state, False), (last, True)]
        rows.append((str(row.id), url_of(row.id), row.name, avatar(row.name), subtitle, cells))
    return rows


def _state(*, active: bool) -> str:
    return gettext("active") if active else gettext("deactivated")


def _invited(invitation: Invitation) -> dict[str, Any]:
    over = invitation.expires_at <= clock.now()
    until = i18n.say_day(clock.local(invitation.expires_at).date())
    return {
        "name": invitation.name,
        "email": invitation.email,
        "role": role_label(invitation.role),
        "state": gettext("expired") if over else gettext("invited until %(day)s", day=until),
        "tone": "warn" if over else "accent",
        "send_url": url_for("users.send_again", invitation_id=invitation.id),
        "withdraw_url": url_for("users.withdraw", invitation_id=invitation.id),
    }


def show(user: User) -> dict[str, Any]:
    seen_on = memberships.seen_on([user.id]).get(user.id)
    found = logins.summary_of(user.id)
    last_at = i18n.reader().say_moment(found.last_at) if found.last_at else gettext("not yet")
    has_second_factor = duties.has_second_factor(user.id)
    may_change = user.role is not Role.OWNER or access.may("users.own")
    return {
        "user": user,
        "facts": [
            (gettext("E-mail"), user.email),
            (gettext("Role in the firm"), role_label(user.role)),
            (gettext("May"), next(str(may) for role, _, may in ROLES if role is user.role)),
            (gettext("State"), _state(active=user.active)),
            (gettext("Last seen"), i18n.say_past_day(seen_on) if seen_on else gettext("not yet")),
            (gettext("Last log-in"), last_at),
            (gettext("Second factor"), gettext("yes") if has_second_factor else gettext("no")),
            (gettext("Wrong passwords"), gettext("%(number)s in the last 7 days", number=found.wrong)),
        ],
        "has_second_factor": has_second_factor,
        "is_self": user.id == current_actor().user_id,
        "may_change": may_change,
        "may_own": access.may("users.own"),
    }
