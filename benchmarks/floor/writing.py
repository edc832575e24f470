"""Adding, changing and importing contacts with one statement each."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from benchmarks.floor import database, pages, sql

_POINTS = (("email", "work", "E-Mail"), ("phone", "work", "Telefon"), ("phone", "mobile", "Mobil"))
_SALUTATIONS = {"Frau": "ms", "Herr": "mr"}


def add(form: Mapping[str, str]) -> UUID:
    points = [(form[f"points-{n}-kind"], form[f"points-{n}-value"]) for n in _numbers(form)]
    values = _columns(form, [value for _, value in points])
    values |= {
        "id": uuid7(),
        "kinds": [kind for kind, _ in points],
        "values": [value for _, value in points],
        "normalised": [_normal(kind, value) for kind, value in points],
        "positions": list(range(len(points))),
    }
    database.connection().execute(sql.ADD, values)
    record_id: UUID = values["id"]
    return record_id


def change(record_id: UUID, form: Mapping[str, str]) -> bool:
    """Whether it still was the version that the form carried."""
    points = [(UUID(form[f"points-{n}-id"]), form[f"points-{n}-kind"], _value(form, n)) for n in _numbers(form)]
    values = _columns(form, [value for _, _, value in points])
    values |= {
        "id": record_id,
        "version": int(form["version"]),
        "title": form["title"],
        "ids": [point_id for point_id, _, _ in points],
        "values": [value for _, _, value in points],
        "normalised": [_normal(kind, value) for _, kind, value in points],
    }
    return database.connection().execute(sql.CHANGE, values).rowcount > 0


def take_in(file: bytes) -> int:
    """All rows of the list by two COPY."""
    rows = list(csv.DictReader(io.StringIO(file.decode("cp1252")), delimiter=";"))
    connection = database.connection()
    ids = [uuid7() for _ in rows]
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(sql.COPY_CONTACTS) as copy:
            for record_id, row in zip(ids, rows, strict=True):
                copy.write_row(_contact(record_id, row))
        with cursor.copy(sql.COPY_POINTS) as copy:
            for record_id, row in zip(ids, rows, strict=True):
                for point in _points(record_id, row):
                    copy.write_row(point)
    return len(rows)


def _columns(form: Mapping[str, str], words: list[str]) -> dict[str, Any]:
    given, family = form["given_name"], form["family_name"]
    return {
        "given": given,
        "family": family,
        "name": f"{given} {family}",
        "sort_key": pages.folded(f"{family} {given}"),
        "search_text": f" {' '.join(pages.folded(word) for word in (given, family, *words))} ",
    }


def _numbers(form: Mapping[str, str]) -> list[str]:
    return [name.split("-")[1] for name in form if name.startswith("points-") and name.endswith("-kind")]


def _value(form: Mapping[str, str], number: str) -> str:
    value = form[f"points-{number}-value"]
    if value:
        return value
    place = f"{form[f'points-{number}-postal_code']} {form[f'points-{number}-city']}"
    return f"{form[f'points-{number}-street']}, {place}"


def _normal(kind: str, value: str) -> str:
    return _digits(value) if kind == "phone" else pages.folded(value)


def _digits(value: str) -> str:
    if value.startswith("+"):
        return "".join(c for c in value if c.isdigit())
    return "49" + "".join(c for c in value if c.isdigit()).lstrip("0")


def _contact(record_id: UUID, row: Mapping[str, str]) -> tuple[Any, ...]:
    given, family = row["Vorname"], row["Nachname"]
    words = [
        given,
        family,
        row["E-Mail"],
        _digits(row["Telefon"]),
        _digits(row["Mobil"]),
        row["PLZ"],
        row["Ort"],
    ]
    search_text = f" {' '.join(pages.folded(word) for word in words)} "
    key = pages.folded(f"{family} {given}")
    name = f"{given} {family}"
    return record_id, _SALUTATIONS[row["Anrede"]], given, family, name, key, search_text, "now", 1


def _points(record_id: UUID, row: Mapping[str, str]) -> list[tuple[Any, ...]]:
    points: list[tuple[Any, ...]] = [
        (uuid7(), record_id, kind, label, row[column], _normal(kind, row[column]), None, None, None, position)
        for position, (kind, label, column) in enumerate(_POINTS)
    ]
    street, plz, city = row["Straße"], row["PLZ"], row["Ort"]
    value = f"{street}, {plz} {city}"
    points.append((uuid7(), record_id, "address", "work", value, pages.folded(value), street, plz, city, 3))
    return points
