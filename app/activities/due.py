"""When a task is due, as people say it."""

from __future__ import annotations

from datetime import date, time, timedelta

from flask_babel import gettext

from app.core import i18n


def said(day: date, at: time | None, *, today: date) -> str:
    """ "today", "tomorrow 14:20", "Fri, Dec 4", "Jan 4, 2027": as short as it is clear."""
    named = _day(day, today)
    if at is None:
        return named
    return gettext("%(day)s, %(time)s", day=named, time=i18n.say_time(at))


def _day(day: date, today: date) -> str:
    if day == today:
        return gettext("today")
    if day == today + timedelta(days=1):
        return gettext("tomorrow")
    if day == today - timedelta(days=1):
        return gettext("yesterday")
    return i18n.short_day(day, today=today, locale=i18n.locale())
