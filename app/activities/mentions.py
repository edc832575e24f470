"""Who is meant by "@Name" in a text: a user by full name, or by a first name that nobody else has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from markupsafe import Markup, escape

Key = TypeVar("Key")

_AT = re.compile(r"(?<!\w)@(?=\w)")
_GOES_ON = re.compile(r"\w|-\w")


@dataclass(frozen=True, slots=True)
class Found(Generic[Key]):
    start: int
    end: int
    who: Key


def found_in(text: str, people: Sequence[tuple[Key, str]]) -> Iterator[Found[Key]]:
    """Every mention of one of these people, in order; a name that several have means nobody."""
    names = _unambiguous(people)
    for at in _AT.finditer(text):
        for name, who in names.get(text[at.end()].lower(), ()):
            end = at.end() + len(name)
            if text[at.end() : end].lower() == name and not _GOES_ON.match(text, end):
                yield Found(at.start(), end, who)
                break


def emphasised(text: str, names: Sequence[str]) -> str:
    """The text with the mentions of people of these names standing out."""
    if not names:
        return text
    shown, done = Markup(), 0
    for found in found_in(text, [(name, name) for name in set(names)]):
        shown += escape(text[done : found.start])
        shown += Markup('<b class="mention">{}</b>').format(text[found.start : found.end])
        done = found.end
    return shown + escape(text[done:])


def _unambiguous(people: Sequence[tuple[Key, str]]) -> Mapping[str, Sequence[tuple[str, Key]]]:
    """(name in lower case, whose it is) by first letter, longest first, so that "Ada Lovelace" is not taken for
    another Ada.
    """
    owners: dict[str, set[Key]] = {}
    for who, name in people:
        words = name.lower().split()
        for form in {" ".join(words), *words[:1]} - {""}:
            owners.setdefault(form, set()).add(who)
    found: dict[str, list[tuple[str, Key]]] = {}
    for form in sorted(owners, key=len, reverse=True):
        if len(owners[form]) == 1:
            found.setdefault(form[0], []).append((form, next(iter(owners[form]))))
    return found
