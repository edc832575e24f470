"""Which records and words the requests ask for: chosen from the data, the same in every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

_POOL = 400
_NASTY = ["mü", "er", "Schäf", "0170", "49 89", "gmx.de", "straß", "zzqxv", "20457", "anna weiß"]
_FIRST = "SELECT {} FROM floor.contacts ORDER BY id LIMIT %s OFFSET %s"
_POINTS = """
SELECT contact_id, id, kind, label, value, street, postal_code, city FROM floor.points
WHERE contact_id = ANY(%s) ORDER BY contact_id, position"""


@dataclass(frozen=True, kw_only=True)
class Editable:
    id: str
    version: int
    form: dict[str, str]
    """All that its form sends when nothing was touched."""

    phone: str
    """Name of the input with its first phone number."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    with_history: Sequence[str]
    editable: Sequence[Editable]
    names: list[str]
    emails: list[str]
    phones: list[str]
    nasty: list[str]


def chosen(database_url: str, *, contacts: int) -> Samples:
    with psycopg.connect(database_url, autocommit=True) as connection:
        some = connection.execute(
            "SELECT given_name, family_name, id FROM floor.contacts ORDER BY md5(id::text) LIMIT 40"
        ).fetchall()
        points = connection.execute(_POINTS, [[record_id for *_, record_id in some]]).fetchall()
        lived = connection.execute(_FIRST.format("id").encode(), [max(contacts // 100, 20), 0]).fetchall()
        return Samples(
            with_history=[str(record_id) for (record_id,) in lived],
            editable=_editable(connection, offset=contacts // 2),
            names=[f"{given} {family}" if at % 2 else family for at, (given, family, _) in enumerate(some)],
            emails=[value for _, _, kind, _, value, *_ in points if kind == "email"],
            # As somebody types it who reads it from a telephone's display, or knows only the end.
            phones=[value.replace("+49 ", "0049 ") for _, _, kind, _, value, *_ in points if kind == "phone"],
            nasty=_NASTY,
        )


def _editable(connection: psycopg.Connection[Any], *, offset: int) -> list[Editable]:
    columns = "id, version, salutation, title, given_name, family_name"
    people = connection.execute(_FIRST.format(columns).encode(), [_POOL, offset]).fetchall()
    points: dict[Any, list[tuple[Any, ...]]] = {}
    for owner, *rest in connection.execute(_POINTS, [[person[0] for person in people]]):
        points.setdefault(owner, []).append(tuple(rest))
    return [_with_form(person, points[person[0]]) for person in people]


def _with_form(person: Sequence[Any], points: Sequence[Sequence[Any]]) -> Editable:
    record_id, version, *own = person
    names = ("salutation", "title", "given_name", "family_name")
    form = {name: str(value or "") for name, value in zip(names, own, strict=True)}
    phone = ""
    for number, (point_id, kind, label, value, street, postal_code, city) in enumerate(points):
        row = {
            "id": str(point_id),
            "kind": kind,
            "label": label,
            "street": street,
            "postal_code": postal_code,
        }
        row |= {"city": city, "value": "" if kind == "address" else value}
        form |= {f"points-{number}-{name}": text or "" for name, text in row.items()}
        if kind == "phone" and not phone:
            phone = f"points-{number}-value"
    return Editable(id=str(record_id), version=version, form=form, phone=phone)
