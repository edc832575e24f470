"""Which column is which field: proposed from headings and contents, checked before anything is imported."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from flask_babel import force_locale, gettext

from app.core import i18n, keys
from app.core.entities import EntityType, entity_types
from app.core.fields import Field, FieldKind
from app.imports.models import Way

_SEPARATORS = re.compile(r"[-_./:()\s]+")
_QUALIFIER = re.compile(
    r"geschaeftlich|dienstlich|firma|buero|zentrale|privat|business|work|office|main|primary|home|1"
)
"""Words that say which of several phones or addresses is meant; the first such column is proposed."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(?:\+|0|\()[\d\s()/.\-–]{5,}")
_POSTCODE = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,5}")
_ALIKE = 0.8
"""The share of a column's cells that must look like something before it is taken for it."""


def proposed(entity: EntityType, headings: Sequence[str], samples: Sequence[Sequence[str]]) -> list[str]:
    """A field for each column, or an empty text; no field twice. ``samples`` are rows of the list.

    1. The whole heading is a known one.
    2. It is a known one beside a qualifier ("Telefon geschäftlich").
    3. The contents look like mail addresses, phone numbers or postcodes.
    """
    known = _known(entity)
    mapping = [""] * len(headings)
    for guess in (_exactly, _qualified):
        for column, heading in enumerate(headings):
            field = known.get(guess(_normal(heading)), "")
            if not mapping[column] and field not in mapping:
                mapping[column] = field
    for column, cells in enumerate(_columns(samples, len(headings))):
        if not mapping[column]:
            alike = (name for name in _alike(entity, known, cells) if name not in mapping)
            mapping[column] = next(alike, "")
    return _with_wholes(entity, headings, mapping)


def _with_wholes(entity: EntityType, headings: Sequence[str], mapping: Sequence[str]) -> list[str]:
    """ "Name" beside "First name" is a last name; alone it is all of the name."""
    found = list(mapping)
    for field in entity_types.entry_fields(entity):
        if field.whole is None or field.whole.apart_if in found or field.name in found:
            continue
        known = set(map(_normal, field.headings))
        columns = (at for at, name in enumerate(found) if name in field.whole.parts and _normal(headings[at]) in known)
        for column in islice(columns, 1):
            found[column] = field.name
    return found


def chosen(entity: EntityType, sent: Sequence[str], *, width: int) -> list[str]:
    """What a form says of so many columns, with everything that is no field left out."""
    names = {field.name for field in entity_types.entry_fields(entity)}
    return [name if name in names else "" for name in (*sent, *[""] * width)[:width]]


def key_of(headings: Sequence[str]) -> str:
    """The same for the same headings in the same order, however they are spelt."""
    return hashlib.sha256("\n".join(map(_normal, headings)).encode()).hexdigest()


def problems(entity: EntityType, mapping: Sequence[str], *, way: Way = Way.NEW) -> list[str]:
    """What keeps this mapping from being used, in sentences."""
    labels = {field.name: str(field.label) for field in entity_types.entry_fields(entity)}
    used = [name for name in mapping if name]
    twice = [name for name in dict.fromkeys(used) if used.count(name) > 1]
    return [
        *(gettext("“%(field)s” is chosen for more than one column.", field=labels[name]) for name in twice),
        *_missing(entity, used),
        *_keyless(entity, used, way),
    ]


def _keyless(entity: EntityType, used: Collection[str], way: Way) -> list[str]:
    """Without a field by which records are found, none can be changed."""
    if way is Way.NEW or entity.revision is None or set(entity.revision.keys) & set(used):
        return []
    first, second = keys_of(entity)
    return [
        gettext(
            "To change what is there, a column is needed for “%(first)s” or “%(second)s”.", first=first, second=second
        )
    ]


def keys_of(entity: EntityType) -> tuple[str, str]:
    """What the fields are called by which a line finds its record; empty where it finds none."""
    labels = {field.name: str(field.label) for field in entity_types.entry_fields(entity)}
    first, second = entity.revision.keys if entity.revision is not None else ("", "")
    return labels.get(first, ""), labels.get(second, "")


def required(entity: EntityType) -> list[str]:
    """What must be chosen, in sentences."""
    return _missing(entity, ())


def _missing(entity: EntityType, used: Collection[str]) -> list[str]:
    needed = [f for f in entity_types.entry_fields(entity) if f.required and f.name not in used]
    sentences = [gettext("A column is needed for “%(field)s”.", field=str(field.label)) for field in needed]
    if entity.rule is not None:
        parts = [
            part for f in entity_types.entry_fields(entity) if f.whole and f.name in used for part in f.whole.parts
        ]
        broken = entity.rule(dict.fromkeys([*used, *parts], "x"))
        sentences += [sentence for of_field in broken.values() for sentence in of_field]
    return sentences


def _known(entity: EntityType) -> dict[str, str]:
    """Every heading by which a column is recognised; where two fields share one, the first has it."""
    known: dict[str, str] = {}
    for field in entity_types.entry_fields(entity):
        for heading in _headings(field):
            known.setdefault(_normal(heading), field.name)
    known.pop("", None)
    return known


def _headings(field: Field) -> Iterator[str]:
    yield from field.headings
    yield field.name
    for locale in i18n.LOCALES:
        with force_locale(locale):
            yield str(field.label)


def _normal(heading: str) -> str:
    return _SEPARATORS.sub(" ", keys.plain(heading)).strip().replace("e mail", "email")


def _exactly(heading: str) -> str:
    return heading


def _qualified(heading: str) -> str:
    return " ".join(word for word in heading.split() if not _QUALIFIER.fullmatch(word))


def _columns(samples: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    return [[cell for row in samples if (cell := "".join(row[at : at + 1]).strip())] for at in range(width)]


def _alike(entity: EntityType, known: dict[str, str], cells: Sequence[str]) -> Iterator[str]:
    """Names of the fields that such contents would fit."""
    fields = entity_types.entry_fields(entity)
    if _mostly(_EMAIL, cells):
        yield from (field.name for field in fields if field.kind is FieldKind.EMAIL)
    if _mostly(_PHONE, cells):
        yield from (field.name for field in fields if field.kind is FieldKind.PHONE)
    if _mostly(_POSTCODE, cells):
        yield from (known[heading] for heading in ("plz", "postcode") if heading in known)


def _mostly(pattern: re.Pattern[str], cells: Sequence[str]) -> bool:
    return bool(cells) and sum(bool(pattern.fullmatch(cell)) for cell in cells) >= _ALIKE * len(cells)
