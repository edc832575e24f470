"""The days of a month as bars, drawn on the server: no script, no style, colours by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core import i18n
from app.subscription import wording
from billing.metering import Day

WIDTH, HEIGHT = 720, 200
_FOOT = 18
_GAP = 4
_LEAST = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What was received stands on what was sent."""

    x: float
    width: float
    sent_y: float
    sent: float
    received_y: float
    received: float
    title: str
    label: str
    """Below it; empty below most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    bars: Sequence[Bar]
    top: str
    """What the highest bar stands for."""

    width: int = WIDTH
    height: int = HEIGHT
    ground: int = HEIGHT - _FOOT


def chart(days: Sequence[Day]) -> Chart:
    highest = max((day.transferred for day in days), default=0)
    step = WIDTH / max(len(days), 1)
    return Chart(
        bars=[_bar(day, number * step, step - _GAP, highest) for number, day in enumerate(days)],
        top=wording.size(highest),
    )


def _bar(day: Day, x: float, width: float, highest: int) -> Bar:
    ground = HEIGHT - _FOOT
    sent, received = _length(day.bytes_out, highest), _length(day.bytes_in, highest)
    return Bar(
        x=round(x, 1),
        width=round(width, 1),
        sent_y=round(ground - sent, 1),
        sent=sent,
        received_y=round(ground - sent - received, 1),
        received=received,
        title=f"{i18n.say_day(day.day)}: {wording.size(day.transferred)}",
        label=str(day.day.day) if day.day.day == 1 or day.day.day % 5 == 0 else "",
    )


def _length(count: int, highest: int) -> float:
    """What there was can be seen, however little."""
    if not count:
        return 0.0
    return max(round(count * (HEIGHT - _FOOT - 2 * _LEAST) / highest, 1), _LEAST)
