"""Languages: which one the reader has, and dates as people say them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

import flask
from babel.dates import format_date, format_datetime, format_time
from flask import Flask, request
from flask_babel import Babel, gettext

from app.core import visitors
from tenants import clock
from tenants.context import current_scope, has_scope

LOCALES = ("de", "en")
THEMES = ("auto", "light", "dark")


def init_app(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "core/translations"
    Babel(app, locale_selector=locale, timezone_selector=_timezone)  # type: ignore[no-untyped-call]


def locale() -> str:
    """What the link says, what the person chose, what the browser prefers; English otherwise."""
    if not flask.has_request_context():
        return "en"
    asked = request.args.get("lang")
    if asked in LOCALES:
        flask.session["lang"] = asked
        return asked
    visitor = visitors.visitor()
    if visitor is not None:
        return visitor.entry.locale
    chosen: str | None = flask.session.get("lang")
    return chosen or request.accept_languages.best_match(LOCALES) or "en"


def theme() -> str:
    visitor = visitors.visitor()
    return visitor.entry.theme if visitor else str(flask.session.get("theme", "auto"))


def _timezone() -> str | None:
    return current_scope().timezone if has_scope() else None


def say_date(moment: datetime) -> str:
    """ "today 14:20", "Tue, Nov 3", "Nov 3, 2025": as short as it is clear, in the tenant's zone."""
    here, now = clock.local(moment), clock.local(clock.now())
    days = (now.date() - here.date()).days
    if timedelta() <= now - here < timedelta(minutes=1):
        return gettext("just now")
    if days == 0:
        return gettext("today %(time)s", time=format_time(here, "short", locale=locale()))
    if days == 1:
        return gettext("yesterday %(time)s", time=format_time(here, "short", locale=locale()))
    pattern = "EEE, d. MMM" if locale() == "de" else "EEE, MMM d"
    return _day(here.date(), pattern if here.year == now.year else "medium", locale=locale())


def say_day(day: date) -> str:
    return _day(day, "medium", locale=locale())


# A list says a few days many times, and babel takes as long for each as the database for the row.
@lru_cache(maxsize=4096)
def _day(day: date, pattern: str, *, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


def full_date(moment: datetime) -> str:
    return _moment(clock.local(moment).replace(microsecond=0), locale=locale())


@lru_cache(maxsize=4096)
def _moment(moment: datetime, *, locale: str) -> str:
    return format_datetime(moment, "full", locale=locale)
