"""The numbers of home: counted every few minutes, and kept as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from markupsafe import Markup

from app.core import access, charts, i18n, weeks
from app.core.features import features
from app.core.overview import Numbers
from tenants import cache

_KEPT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shown:
    label: str
    value: str
    url: str
    chart: Markup


def shown() -> Sequence[Shown]:
    """Those that the actor may see, in the order of the features; at most some minutes old."""
    return [
        figure
        for feature in features
        if feature.numbers is not None and access.may(feature.numbers.permission)
        for figure in cache.remember(
            f"home.numbers.{feature.name}.{i18n.locale()}", partial(_counted, feature.numbers), for_=_KEPT
        )
    ]


def _counted(numbers: Numbers) -> Sequence[Shown]:
    return [
        Shown(str(figure.label), figure.value, figure.url, charts.bars(str(figure.about), figure.weeks))
        for figure in numbers.load(weeks.starts())
    ]
