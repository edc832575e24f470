"""Contact points as a record's page shows them: facts, and the two or three quickest ways to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, pgettext
from sqlalchemy import Row

from app.contactpoints.drafts import dialled
from app.contactpoints.forms import KINDS, LABELS
from app.contactpoints.models import PointKind, PointLabel
from app.core.pages import Action, Fact

_HIDDEN_LABELS = (PointLabel.WORK, PointLabel.OTHER)


def facts(points: Sequence[Row[Any]]) -> list[tuple[str, Sequence[Fact]]]:
    shown = [(_label(point), point.value, _url(point)) for point in points]
    return [(gettext("Ways to reach"), shown)] if shown else []


def reach(points: Sequence[Row[Any]]) -> list[Action]:
    first: dict[str, Row[Any]] = {}
    for point in points:
        if point.label is not PointLabel.FAX:
            first.setdefault(point.kind, point)
    offered = (
        (PointKind.PHONE, pgettext("button", "Call"), "phone"),
        (PointKind.EMAIL, gettext("E-mail"), "mail"),
    )
    return [(label, icon, _url(first[kind]) or "") for kind, label, icon in offered if kind in first]


def _label(point: Row[Any]) -> str:
    kind = str(dict(KINDS)[point.kind])
    if point.kind is PointKind.PHONE and point.label is PointLabel.MOBILE:
        return str(dict(LABELS)[PointLabel.MOBILE])
    if point.label in _HIDDEN_LABELS:
        return kind
    return gettext("%(kind)s (%(label)s)", kind=kind, label=str(dict(LABELS)[point.label]))


def _url(point: Row[Any]) -> str | None:
    kind: PointKind = point.kind
    match kind:
        case PointKind.PHONE:
            return f"tel:{dialled(point.value)}"
        case PointKind.EMAIL:
            return f"mailto:{point.value}"
        case PointKind.WEB:
            return f"https://{point.normalised}"
        case PointKind.ADDRESS:
            return None
