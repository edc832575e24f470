"""What the templates show: rows of the database, a little formatting."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from benchmarks.floor import database, sql

PAGE = 50
NAMES = ("id", "name", "company", "email", "phone", "city", "changed_at")
KINDS = {"email": "E-Mail", "phone": "Telefon", "address": "Adresse", "web": "Website"}
_LABELS = {"note": ("sticky-note", "Notiz"), "call": ("phone", "Anruf"), "I": ("plus", "Angelegt")}
_SHOWN = {"given_name": "Vorname", "family_name": "Nachname", "title": "Titel"}
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SIMPLE = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})


def listed(words: str, after: str) -> tuple[list[tuple[Any, ...]], str]:
    """The rows of a page, and where the next one begins."""
    if words:
        wanted = patterns(words)
        condition = " AND ".join(["(search_text LIKE %s OR search_text LIKE %s)"] * (len(wanted) // 2))
        statement = sql.FOUND.format(wanted=condition) + sql.CELLS
        found = database.rows(statement, [*wanted, *wanted], prepare=False)
    elif after:
        found = database.rows(sql.LIST_AFTER + sql.CELLS, cursor(after))
    else:
        found = database.rows(sql.LIST + sql.CELLS)
    shown = [row[:7] for row in found[:PAGE]]
    more = len(found) > PAGE
    return shown, _after(found[PAGE - 1]) if more else ""


def as_form(sent: Mapping[str, Any]) -> dict[str, str]:
    """What a program sent, as a person's form would say it."""
    form = {"given_name": sent["given_name"], "family_name": sent["family_name"]}
    for number, point in enumerate(sent["points"]):
        form |= {f"points-{number}-kind": point["kind"], f"points-{number}-value": point["value"]}
    return form


def patterns(words: str) -> list[str]:
    """Two for each word: with umlauts written out, and bare. A number in any notation is one word of digits."""
    digits = "".join(c for c in words if c.isdigit())
    if digits and not any(c.isalpha() for c in words):
        number = digits.removeprefix("00").lstrip("0")
        return [f"%{number}%", f"%{number}%"]
    return [f"%{form}%" for word in words.split() for form in (folded(word), word.lower().translate(_SIMPLE))]


def folded(word: str) -> str:
    return word.lower().translate(_FOLDED)


def cursor(after: str) -> tuple[str, UUID]:
    key, _, record_id = base64.urlsafe_b64decode(after).decode().rpartition("|")
    return key, UUID(record_id)


def _after(row: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(f"{row[7]}|{row[0]}".encode()).decode()


def history(slug: str, record_id: UUID) -> list[tuple[Any, ...]]:
    entries = []
    for at, op, who, body, old, new, entry_id in database.rows(sql.HISTORY, [record_id, record_id]):
        icon, label = _LABELS.get(op, ("pencil", "Geändert"))
        changes = [(say, (old or {}).get(name), new[name]) for name, say in _SHOWN.items() if name in (new or {})]
        url = f"/{slug}/activities/{entry_id}/edit" if body else ""
        entries.append((at, icon, label, who, body, changes, url, "Bearbeiten"))
    return entries


def news(slug: str) -> list[tuple[Any, ...]]:
    return [
        (at, *_LABELS[kind], who, body, [], f"/{slug}/contacts/{contact_id}", name)
        for at, kind, who, body, contact_id, name in database.rows(sql.NEWS)
    ]


def day(at: datetime) -> str:
    return f"{at:%d.%m.%Y}"


def moment(at: datetime) -> str:
    return f"{at:%A, %d. %B %Y, %H:%M:%S}"


def initials(name: str) -> str:
    words = name.split()
    return (words[0][0] + words[-1][0]).upper() if len(words) > 1 else name[:1].upper()


def hue(name: str) -> int:
    return sum(name.encode()) % 12
