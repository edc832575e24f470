"""Countries and time zones to choose from, as the reader calls them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale

from app.core import i18n, keys

_CONTINENTS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def countries() -> Sequence[tuple[str, str]]:
    """(ISO 3166-1 alpha-2, name), by name."""
    return _countries(i18n.locale())


def country(code: str) -> str:
    return dict(countries()).get(code, code)


@cache
def _countries(language: str) -> Sequence[tuple[str, str]]:
    names = Locale.parse(language).territories
    known = [(code, names[code]) for code in phonenumbers.SUPPORTED_REGIONS if code in names]
    return sorted(known, key=lambda one: keys.plain(one[1]))


@cache
def zones() -> Sequence[tuple[str, str]]:
    """(name in the IANA's database, the same to be read), by name."""
    names = (name for name in available_timezones() if name.startswith(tuple(f"{one}/" for one in _CONTINENTS)))
    return [(name, zone(name)) for name in sorted(names)] + [("UTC", "UTC")]


def zone(name: str) -> str:
    return name.replace("_", " ").replace("/", " / ")
