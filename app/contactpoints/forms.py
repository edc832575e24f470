"""Several phones, mails and addresses in one form: rows of inputs named ``points-<index>-<name>``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.contactpoints.drafts import Draft
from app.contactpoints.models import PointKind, PointLabel
from app.core.fields import clean
from app.core.forms import Theirs
from tenants.identities import MalformedEmail

MOST = 30
"""Rows a form may have."""

KINDS = (
    (PointKind.PHONE, _l("Phone")),
    (PointKind.EMAIL, _l("E-mail")),
    (PointKind.ADDRESS, _l("Address")),
    (PointKind.WEB, _l("Website")),
)
LABELS = (
    (PointLabel.WORK, _l("Work")),
    (PointLabel.MOBILE, _l("Mobile")),
    (PointLabel.PRIVATE, _l("Private")),
    (PointLabel.FAX, _l("Fax")),
    (PointLabel.OTHER, _l("Other")),
)
_NAME = re.compile(r"points-(\d{1,4})-(id|kind|label|value|street|postal_code|city|country|remove)")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, kw_only=True)
class Row:
    index: int
    id: str = ""
    kind: str = PointKind.PHONE
    label: str = PointLabel.WORK
    value: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    remove: str = ""
    errors: Sequence[str] = ()
    theirs: Theirs | None = None

    def said(self) -> str:
        """The way to reach someone on one line."""
        return _draft(self).written()

    def is_empty(self) -> bool:
        return bool(self.remove) or not (self.value or self.street or self.postal_code or self.city)


@dataclass(frozen=True, kw_only=True)
class Points:
    """What the template shows of them."""

    rows: Sequence[Row]
    kinds: Sequence[tuple[str, str]]
    labels: Sequence[tuple[str, str]]
    add_name: str = "add_point"


def read(form: Mapping[str, str]) -> list[Row]:
    """The rows as they were sent, in the order of the page."""
    cells: dict[int, dict[str, Any]] = {}
    for name, value in form.items():
        if found := _NAME.fullmatch(name):
            cells.setdefault(int(found.group(1)), {})[found.group(2)] = clean(value)[:200]
    rows = [Row(index=index, **texts) for index, texts in sorted(cells.items())[:MOST]]
    asked = form.get("add_point")
    if asked in dict(KINDS):
        rows.append(Row(index=max((row.index for row in rows), default=-1) + 1, kind=asked or ""))
    return rows


def of_points(points: Sequence[sqlalchemy.Row[Any]]) -> list[Row]:
    return [
        Row(
            index=index,
            id=str(point.id),
            kind=point.kind,
            label=point.label,
            value="" if point.kind is PointKind.ADDRESS else point.value,
            street=point.street or "",
            postal_code=point.postal_code or "",
            city=point.city or "",
            country=point.country or "",
        )
        for index, point in enumerate(points)
    ]


def fresh() -> list[Row]:
    """What a new record begins with."""
    return [Row(index=0, kind=PointKind.PHONE), Row(index=1, kind=PointKind.EMAIL)]


def shown(rows: Sequence[Row]) -> Points:
    return Points(rows=rows, kinds=[(k, str(t)) for k, t in KINDS], labels=[(v, str(t)) for v, t in LABELS])


def checked(rows: Sequence[Row]) -> list[Row]:
    """The rows with what is wrong under each."""
    return [row if row.is_empty() else replace(row, errors=_problems(row)) for row in rows]


def drafts(rows: Sequence[Row]) -> list[tuple[UUID | None, Draft]]:
    """What the filled rows say, with the id of the contact point that each one changes."""
    return [(UUID(row.id) if row.id else None, _draft(row)) for row in rows if not row.is_empty()]


def _draft(row: Row) -> Draft:
    address = {name: getattr(row, name) or None for name in ("street", "postal_code", "city", "country")}
    kind = PointKind(row.kind)
    return Draft(
        kind=kind,
        label=PointLabel(row.label),
        value=row.value,
        **(address if kind is PointKind.ADDRESS else {}),
    )


def _problems(row: Row) -> list[str]:
    if row.kind not in dict(KINDS) or row.label not in dict(LABELS) or not _is_id(row.id):
        return [gettext("Please choose one of the entries.")]
    try:
        found = _draft(row).normalised
    except MalformedEmail:
        return [gettext("This is not an e-mail address.")]
    if row.kind == PointKind.PHONE and not _DIGIT.search(found):
        return [gettext("This is not a phone number.")]
    return []


def _is_id(written: str) -> bool:
    try:
        return not written or bool(UUID(written))
    except ValueError:
        return False
