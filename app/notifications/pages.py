from __future__ import annotations

from uuid import UUID

from flask import render_template, url_for

from app.core import access, links
from app.core.subjects import Subject
from app.notifications import queries, sums, telling
from app.notifications.models import Notification
from app.users import queries as users
from tenants.context import current_actor

MOST_SHOWN = 200
"""Records that the page of a notification names."""


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
    if notification.number > 1:
        return url_for("notifications.records", notification_id=notification.id)
    subject = telling.subject_of(notification)
    if subject is None:
        return url_for("home.show")
    return _url(subject, notification.record_id)


def _url(subject: Subject, record_id: UUID) -> str:
    if subject.way is not None:
        return subject.way(record_id)
    return url_for(subject.endpoint, **{subject.argument: record_id})  # type: ignore[arg-type]


def records(notification: Notification) -> str:
    """What a notification of many tells of; what is gone meanwhile is left out."""
    names = users.names({notification.actor_id} if notification.actor_id else set())
    found: list[tuple[str, str, str]] = []
    for name, ids in sums.records(notification, most=MOST_SHOWN).items():
        subject = telling.subject_named(name)
        if subject is not None and access.may(subject.permission):
            known = {record_id: one for record_id, one in subject.read(ids).items() if not one.is_gone}
            found += [(_url(subject, record_id), one.title, subject.icon) for record_id, one in known.items()]
    page = telling.pages().get(notification.led_by)
    return render_template(
        "notifications/records.html",
        notification=notification,
        said=telling.say(notification, names),
        rows=found,
        further=max(0, notification.number - MOST_SHOWN - 1),
        led_by=(page.label, page.url(notification.led_by_id)) if page and notification.led_by_id else None,
    )
