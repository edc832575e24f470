"""Notifications by mail, each in the language of whoever gets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from flask_babel import force_locale, gettext
from sqlalchemy import select

from app.core import links, quoting
from app.notifications import telling
from app.notifications.models import Delivery, Notification
from app.users import queries as users
from tenants import addresses, mail
from tenants.addresses import Address
from tenants.context import current_scope
from tenants.db import db
from tenants.mail import Answer
from tenants.models import Mail

Send = Callable[[], Answer]
"""Hands one mail over."""


def prepare(deliveries: Sequence[Delivery]) -> Mapping[UUID, Send]:
    """How each is sent. Who has left since then, gets nothing."""
    notified = _notifications({one.notification_id for one in deliveries if one.notification_id})
    people = addresses.of_users({one.user_id for one in deliveries if one.user_id})
    called = users.names({one.actor_id for one in notified.values() if one.actor_id})
    names = {user_id: quoting.plain(name) for user_id, name in called.items()}
    found: dict[UUID, Send] = {}
    for one in deliveries:
        notification, address = notified.get(one.notification_id), people.get(one.user_id)
        if notification is not None and address is not None:
            letter = _letter(one, notification, address, names)
            found[one.id] = partial(mail.deliver_now, letter, thread=str(notification.record_id))
    return found


def _notifications(ids: set[UUID]) -> Mapping[UUID | None, Notification]:
    return {row.id: row for row in db.session.scalars(select(Notification).where(Notification.id.in_(ids)))}


def _letter(delivery: Delivery, notification: Notification, to: Address, names: Mapping[UUID, str]) -> Mail:
    with force_locale(to.locale):
        said = telling.say(notification, names)
        body = gettext(
            "Good day, %(name)s,\n\n%(sentence)s\n\n%(title)s\n%(link)s\n\n%(reason)s\n\nKontor for %(firm)s\n",
            name=quoting.plain(to.name),
            sentence=said.sentence,
            title=quoting.quoted(said.title),
            link=links.outside("notifications.show", notification_id=notification.id),
            reason=gettext("You get this mail because of the rule: %(rule)s.", rule=quoting.plain(said.rule)),
            firm=quoting.quoted(current_scope().name),
        )
        subject = f"{quoting.plain(said.title)}: {said.headline}"
    return Mail(id=delivery.id, created_at=delivery.created_at, recipient=to.email, subject=subject, body=body)
