"""Small charts, drawn on the server: they need no script, take the colour of the text, and say what they show."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from markupsafe import Markup

WIDTH, HEIGHT, GAP = 120, 28, 2
LONG, TALL = 360, 64

_CHART = (
    '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">'
    "<title>{}</title><desc>{}</desc>{}</svg>"
)
_BAR = '<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}"{}/>'


def bars(title: str, values: Sequence[int]) -> Markup:
    """One bar a week, the last one marked: that week is not over yet."""
    said = gettext("The last %(weeks)s weeks: %(values)s.", weeks=len(values), values=", ".join(map(str, values)))
    step, most = WIDTH / max(len(values), 1), max(*values, 1)
    drawn = [_bar(at * step, step - GAP, value / most) for at, value in enumerate(values[:-1])]
    drawn += [_bar((len(values) - 1) * step, step - GAP, value / most, ' class="is-now"') for value in values[-1:]]
    return Markup(_CHART).format(WIDTH, HEIGHT, f"{title}. {said}", title, said, Markup("").join(drawn))


def _bar(x: float, width: float, share: float, mark: str = "") -> Markup:
    """Nothing is a line as thin as a hair, so that one sees that it was counted."""
    height = max(round(share * HEIGHT, 1), 1)
    return Markup(_BAR.format(x, HEIGHT - height, width, height, mark))


def days(title: str, values: Sequence[int], *, said: str) -> Markup:
    """One bar a day, the last one marked: that day is not over yet. ``said`` is what it shows, in words."""
    step, most = LONG / max(len(values), 1), max(*values, 1)
    drawn = [
        Markup(_BAR.format(round(at * step, 1), TALL - height, round(step * 0.75, 1), height, mark))
        for at, value in enumerate(values)
        for height, mark in [
            (max(round(value / most * TALL, 1), 0.5), ' class="is-now"' if at == len(values) - 1 else "")
        ]
    ]
    text = gettext("The last %(days)s days. %(said)s", days=len(values), said=said)
    return Markup(_CHART).format(LONG, TALL, f"{title}. {text}", title, text, Markup("").join(drawn))
