"""Languages: which one the reader has, and dates as people say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import flask
from babel import Locale
from babel.dates import format_date, format_time
from babel.support import Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain, force_locale, get_locale, gettext

from app.core import problems, visitors
from tenants import clock
from tenants.context import current_scope, has_scope

LOCALES = ("de", "en")
_REGIONS = {"en": "en_GB"}
"""How days and times are written where the language alone does not say: in Europe, with 24 hours."""

THEMES = ("auto", "light", "dark")
TIME_FORMATS = {"auto": "short", "24": "HH:mm", "12": "h:mm a"}
"""(what a person chose, how babel calls it)"""


def init_app(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "core/translations"
    babel = Babel(app, locale_selector=locale, timezone_selector=_timezone)  # type: ignore[no-untyped-call]
    babel.domain_instance = _Catalogues(domain="messages")


class _Catalogues(Domain):
    """The library's own writes out the language's name anew at each of a page's texts."""

    def __init__(self, **options: str) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._known: dict[Locale | None, Translations] = {}

    def get_translations(self) -> Translations:
        language = get_locale()
        if language not in self._known:
            self._known[language] = super().get_translations()  # type: ignore[no-untyped-call]
        return self._known[language]


def locale() -> str:
    """What the link says, what the person chose, what the browser prefers; English otherwise.

    Found out once a request: a page asks for it a hundred times.
    """
    if not flask.has_request_context():
        return "en"
    if "locale" not in g:
        g.locale = _spoken()
    found: str = g.locale
    return found


def _spoken() -> str:
    if problems.wanted():
        return request.accept_languages.best_match(LOCALES) or "en"
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


def _time_format() -> str:
    visitor = visitors.visitor()
    return TIME_FORMATS.get(visitor.entry.time_format, "short") if visitor else "short"


def _timezone() -> str | None:
    return current_scope().timezone if has_scope() else None


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom dates are said, where and when; one request has one."""

    locale: str
    zone: ZoneInfo
    now: datetime
    time_format: str = "short"

    def say_date(self, moment: datetime) -> str:
        """ "today 14:20", "Tue, 3 Nov", "3 Nov 2025": as short as it is clear, in the tenant's zone."""
        here, now = moment.astimezone(self.zone), self.now
        days = (now.date() - here.date()).days
        if timedelta() <= now - here < timedelta(minutes=1):
            return gettext("just now")
        if days == 0:
            return _today(self._time(here), locale=self.locale)
        if days == 1:
            return _yesterday(self._time(here), locale=self.locale)
        return short_day(here.date(), today=now.date(), locale=self.locale)

    def say_moment(self, moment: datetime) -> str:
        """ "today 14:20", "Tue, 3 Nov, 10:00": the time too, of what is still to come."""
        here = moment.astimezone(self.zone)
        if here.date() == self.now.date():
            return _today(self._time(here), locale=self.locale)
        return f"{short_day(here.date(), today=self.now.date(), locale=self.locale)}, {self._time(here)}"

    def full_date(self, moment: datetime) -> str:
        """ "Tuesday, 3 November 2026, 14:20" """
        here = moment.astimezone(self.zone)
        return f"{_day(here.date(), 'full', locale=self.locale)}, {self._time(here)}"

    def _time(self, here: datetime) -> str:
        return _time(here.hour, here.minute, self.time_format, locale=self.locale)


def reader() -> Reader:
    if "reader" not in g:
        g.reader = Reader(locale(), clock.zone(), clock.local(clock.now()), _time_format())
    found: Reader = g.reader
    return found


def short_day(day: date, *, today: date, locale: str) -> str:
    """ "Tue, 3 Nov"; with the year, where it is another one: "3 Nov 2025"."""
    pattern = "EEE, d. MMM" if locale == "de" else "EEE, d MMM"
    return _day(day, pattern if day.year == today.year else "medium", locale=locale)


def say_month(day: date) -> str:
    """ "November 2026" """
    return _day(day, "LLLL y", locale=locale())


def say_time(at: time) -> str:
    """ "14:20" """
    return _time(at.hour, at.minute, "short", locale=locale())


def say_day(day: date) -> str:
    return _day(day, "medium", locale=locale())


def say_past_day(day: date) -> str:
    """A day of the platform's calendar (UTC) on which something was last done: "today", "yesterday", "3 Nov 2026"."""
    days = (clock.now().date() - day).days
    if days <= 0:
        return gettext("today")
    return gettext("yesterday") if days == 1 else say_day(day)


# A page says a few days many times, and babel takes as long for each as the database for the row.
@lru_cache(maxsize=4096)
def _today(time_: str, *, locale: str) -> str:
    with force_locale(locale):
        return gettext("today %(time)s", time=time_)


@lru_cache(maxsize=4096)
def _yesterday(time_: str, *, locale: str) -> str:
    with force_locale(locale):
        return gettext("yesterday %(time)s", time=time_)


@lru_cache(maxsize=4096)
def _day(day: date, pattern: str, *, locale: str) -> str:
    return format_date(day, pattern, locale=_REGIONS.get(locale, locale))


@lru_cache(maxsize=4096)
def _time(hour: int, minute: int, pattern: str, *, locale: str) -> str:
    return format_time(time(hour, minute), pattern, locale=_REGIONS.get(locale, locale))
