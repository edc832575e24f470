from __future__ import annotations

from uuid import UUID

from flask import render_template, url_for

from app.core import links
from app.notifications import queries, telling
from app.notifications.models import Notification
from app.users import queries as users
from tenants.context import current_actor


def inbox(*, before: UUID | None) -> str:
    user_id = current_actor().user_id
    found = queries.mine(user_id, before=before) if user_id else []
    shown = found[: queries.PAGE]
    names = users.names({one.actor_id for one in shown if one.actor_id})
    url_of = links.urls("notifications.show", "notification_id")
    more = len(found) > queries.PAGE
    return render_template(
        "notifications/inbox.html",
        rows=[(one, telling.say(one, names), url_of(one.id)) for one in shown],
        next_url=url_for("notifications.index", before=shown[-1].id) if more else None,
        unread=any(one.read_at is None for one in shown),
    )


def subject_url(notification: Notification) -> str:
    """Where it is to be seen what it tells of; home, where nobody knows such things any more."""
    subject = telling.subject_of(notification)
    if subject is None:
        return url_for("home.show")
    if subject.way is not None:
        return subject.way(notification.record_id)
    return url_for(subject.endpoint, **{subject.argument: notification.record_id})  # type: ignore[arg-type]
