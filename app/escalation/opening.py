"""Business hours while somebody writes them: days as texts, "09:00–12:00, 13:00–17:00", and what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

from babel import Locale
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.core import i18n
from app.core.fields import Field, FieldKind, Text, Values, schema_of
from app.escalation.hours import MINUTES_A_DAY, Minutes, calendar
from tenants.context import current_scope

MOST_EXCEPTIONS = 100
_MOST_SPANS = 6
_AN_HOUR = 60
_LONGEST_NIGHT = 12 * _AN_HOUR
"""Minutes of one span over midnight: what seems to last longer, such as 12–9, is a slip."""

_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?")
_LANGUAGES = {"de": "de", "en": "en_US"}
_WEEK = (
    ("monday", _l("Monday")),
    ("tuesday", _l("Tuesday")),
    ("wednesday", _l("Wednesday")),
    ("thursday", _l("Thursday")),
    ("friday", _l("Friday")),
    ("saturday", _l("Saturday")),
    ("sunday", _l("Sunday")),
)
_STATES: Mapping[str, Text] = {
    "DE-BW": _l("Baden-Württemberg"),
    "DE-BY": _l("Bavaria"),
    "DE-BE": _l("Berlin"),
    "DE-BB": _l("Brandenburg"),
    "DE-HB": _l("Bremen"),
    "DE-HH": _l("Hamburg"),
    "DE-HE": _l("Hesse"),
    "DE-MV": _l("Mecklenburg-Western Pomerania"),
    "DE-NI": _l("Lower Saxony"),
    "DE-NW": _l("North Rhine-Westphalia"),
    "DE-RP": _l("Rhineland-Palatinate"),
    "DE-SL": _l("Saarland"),
    "DE-SN": _l("Saxony"),
    "DE-ST": _l("Saxony-Anhalt"),
    "DE-SH": _l("Schleswig-Holstein"),
    "DE-TH": _l("Thuringia"),
}
DAYS = tuple(Field(name=name, label=label, limit=120) for name, label in _WEEK)
REGION = Field(name="region", label=_l("Public holidays in"), kind=FieldKind.TEXT, required=True, limit=12)
EXCEPTIONS = Field(name="exceptions", label=_l("Exceptions"), kind=FieldKind.LONG_TEXT, limit=8000)


class NotHours(ValueError):
    """These are no times of a day."""


def read_day(text: str | None) -> Minutes:
    """Raises NotHours."""
    spans = [_span(part.strip()) for part in (text or "").replace(";", ",").split(",") if part.strip()]
    spans.sort()
    if len(spans) > _MOST_SPANS or any(before[1] > after[0] for before, after in pairwise(spans)):
        raise NotHours
    return spans


def _span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise NotHours
    hour, minute, last_hour, last_minute = (int(part or 0) for part in found.groups())
    first, last = hour * _AN_HOUR + minute, last_hour * _AN_HOUR + last_minute
    if max(minute, last_minute) >= _AN_HOUR or max(first, last) > MINUTES_A_DAY:
        raise NotHours
    if last <= first and last + MINUTES_A_DAY - first <= _LONGEST_NIGHT:
        last += MINUTES_A_DAY
    if last <= first:
        raise NotHours
    return first, last


def written_day(spans: Minutes) -> str:
    return ", ".join(f"{_clock(first)}–{_clock(last)}" for first, last in spans)


def _clock(minute: int) -> str:
    minute -= MINUTES_A_DAY if minute > MINUTES_A_DAY else 0
    return "{:02}:{:02}".format(*divmod(minute, _AN_HOUR))


def read_exceptions(text: str | None) -> dict[date, Minutes]:
    """From lines: a day in ISO 8601, and its times where the firm is not closed. Raises NotHours."""
    found = {}
    for line in (text or "").splitlines():
        day, _, hours = line.partition(" ")
        try:
            found[date.fromisoformat(day)] = read_day(hours)
        except NotHours:
            raise
        except ValueError as error:
            raise NotHours from error
    return found


def written_exceptions(exceptions: Mapping[str, Minutes]) -> str:
    return "\n".join(f"{day} {written_day(spans)}".strip() for day, spans in sorted(exceptions.items()))


def rows_of(text: str | None) -> list[tuple[str, str]]:
    """(day, hours) of each line, with room for more."""
    lines = [line.partition(" ") for line in (text or "").splitlines()]
    found = [(day if day != _NO_DAY else "", hours) for day, _, hours in lines]
    return [*found, *[("", "")] * 3][: MOST_EXCEPTIONS + 3]


_NO_DAY = "?"


def typed_exceptions(days: Sequence[str], hours: Sequence[str]) -> str:
    """From the rows of the form, in the order of the days; a row without anything is none."""
    rows = [(day.strip() or _NO_DAY, " ".join(spans.split())) for day, spans in zip(days, hours, strict=False)]
    told = [(day, spans) for day, spans in rows[:MOST_EXCEPTIONS] if day != _NO_DAY or spans]
    return "\n".join(f"{day} {_tidy(spans)}".strip() for day, spans in sorted(told))


def _tidy(text: str) -> str:
    try:
        return written_day(read_day(text))
    except NotHours:
        return text


def tidied(values: Mapping[str, Any]) -> dict[str, Any]:
    """Days as they are kept, so that two notations of the same are the same."""
    return {**values, **{day.name: _tidy(str(values.get(day.name) or "")) for day in DAYS}}


def fits(values: Values) -> Mapping[str, list[str]]:
    """What is wrong, by field."""
    wrong = {}
    for day in DAYS:
        try:
            read_day(values[day.name])
        except NotHours:
            wrong[day.name] = [gettext("Please write it as 9:00–12:00, 13:00–17:00; leave it empty for a day off.")]
    if not wrong and not any(values[day.name] for day in DAYS):
        wrong["monday"] = [gettext("Please say when you work on at least one day.")]
    if values["region"] not in dict(regions(current_scope().country)):
        wrong["region"] = [gettext("Please choose one of the entries.")]
    try:
        read_exceptions(values["exceptions"])
    except NotHours:
        wrong["exceptions"] = [gettext("Each exception needs a day, and times as 9:00–12:00, or none.")]
    return wrong


SCHEMA = schema_of((*DAYS, REGION, EXCEPTIONS), rule=fits)


def regions(country: str) -> Sequence[tuple[str, str]]:
    """(ISO 3166-2, name) of a country and its parts."""
    whole = Locale.parse(i18n.locale()).territories.get(country, country)
    first = (country, gettext("%(country)s: nationwide holidays only", country=whole))
    if country == "DE":
        return [first, *sorted(((code, str(name)) for code, name in _STATES.items()), key=lambda one: one[1])]
    return [first, *_parts(country)]


@cache
def _parts(country: str) -> Sequence[tuple[str, str]]:
    known = calendar(country)
    parts = known.get_subdivision_aliases() if known is not None else {}
    return [(f"{country}-{code}", names[0]) for code, names in parts.items() if names]


def coming(region: str, *, since: date, most: int = 8) -> Sequence[tuple[date, str]]:
    """The next public holidays, as the reader calls them."""
    country, _, part = region.partition("-")
    known = _named(country, part or None, since.year, _LANGUAGES.get(i18n.locale(), ""))
    return [one for one in known if one[0] >= since][:most]


@cache
def _named(country: str, part: str | None, year: int, language: str) -> Sequence[tuple[date, str]]:
    nationwide = calendar(country)
    spoken = language if nationwide is not None and language in nationwide.supported_languages else None
    found = calendar(country, subdiv=part, years=(year, year + 1), language=spoken)
    return sorted(found.items()) if found is not None else ()
