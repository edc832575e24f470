"""The columns of a list in the order in which somebody wants them, while they are being chosen."""

from __future__ import annotations

from collections.abc import Sequence

from app.core import showing
from app.core.entities import EntityType

_HIDDEN = "-"
"""Before the name of a column that is not shown."""


def read(entity: EntityType, order: str, chosen: str) -> list[tuple[str, str, bool]]:
    """(name, label, whether it is shown) of all columns but the name: as they were being ordered, or else those that
    are chosen first.
    """
    labels = {column.name: str(column.label) for column in showing.offered(entity)[1:]}
    shown = [column.name for column in showing.columns(entity, showing.read(entity, chosen))[1:]]
    if order:
        shown = [name for name in order.split(",") if not name.startswith(_HIDDEN)]
    named = [name.removeprefix(_HIDDEN) for name in order.split(",")] if order else shown
    all_of_them = dict.fromkeys([*(name for name in named if name in labels), *labels])
    return [(name, labels[name], name in shown) for name in all_of_them]


def moved(order: Sequence[str], shown: Sequence[str], deed: str) -> str:
    """The same after ``up:<name>`` or ``down:<name>``, as an address carries it."""
    way, _, name = deed.partition(":")
    names = list(order)
    if name in names:
        here = names.index(name)
        there = max(0, here - 1) if way == "up" else min(len(names) - 1, here + 1)
        names[here], names[there] = names[there], names[here]
    return ",".join(one if one in shown else f"{_HIDDEN}{one}" for one in names)
