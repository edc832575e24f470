"""Contact points as a record's page shows them: facts, and the two or three quickest ways to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext, pgettext
from sqlalchemy import Row

from app.contactpoints.forms import KINDS, LABELS
from app.contactpoints.models import PointKind, PointLabel
from app.core import i18n
from app.core.pages import Action, Fact

_HIDDEN_LABELS = (PointLabel.WORK, PointLabel.OTHER)


def facts(points: Sequence[Row[Any]], *, today: date) -> list[tuple[str, Sequence[Fact]]]:
    """Ways to reach, those of former jobs apart."""
    present = [(_label(point), point.value, _url(point)) for point in points if not _is_over(point, today)]
    former = [(_until(point), point.value, None) for point in points if _is_over(point, today)]
    groups = ((gettext("Ways to reach"), present), (gettext("No longer valid"), former))
    return [(title, shown) for title, shown in groups if shown]


def reach(points: Sequence[Row[Any]], *, today: date) -> list[Action]:
    first: dict[str, Row[Any]] = {}
    for point in points:
        if not _is_over(point, today) and point.label is not PointLabel.FAX:
            first.setdefault(point.kind, point)
    offered = (
        (PointKind.PHONE, pgettext("button", "Call"), "phone"),
        (PointKind.EMAIL, gettext("E-mail"), "mail"),
    )
    return [(label, icon, _url(first[kind]) or "") for kind, label, icon in offered if kind in first]


def _is_over(point: Row[Any], today: date) -> bool:
    return point.until is not None and bool(point.until <= today)


def _until(point: Row[Any]) -> str:
    return gettext("%(kind)s until %(day)s", kind=_label(point), day=i18n.say_day(point.until))


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
            return f"tel:+{point.normalised}"
        case PointKind.EMAIL:
            return f"mailto:{point.value}"
        case PointKind.WEB:
            return f"https://{point.normalised}"
        case PointKind.ADDRESS:
            return None
