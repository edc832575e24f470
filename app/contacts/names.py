"""A person's whole name, as lists have it in one column: taken apart, and compared with one that is known."""

from __future__ import annotations

import re

from app.core import keys
from app.core.fields import Values

_SALUTATIONS = {"herr": "mr", "herrn": "mr", "mr": "mr", "frau": "ms", "ms": "ms", "mrs": "ms", "miss": "ms"}
_TITLE = re.compile(
    r"(prof|dr|pd|mag|ing|dipl|dipl-\w+|med|dent|vet|phil|jur|iur|rer|nat|pol|oec|habil|h\.?c|b\.?sc|m\.?sc|b\.a|m\.a|mba)"
)
_PARTICLES = re.compile(r"af|al|da|de|del|den|der|di|dos|du|el|la|le|ten|ter|van|vom|von|zu|zum|zur")
"""Written small, the family name begins with them."""


def parts_of(whole: str) -> Values:
    """Salutation, title, given and family name: "Dr. Nele von der Heide", "von der Heide, Nele". One word is a family
    name.
    """
    family, comma, given = whole.partition(",")
    if comma:
        return {**_named([*given.split(), *family.split()], len(given.split()))}
    return _named(whole.split(), None)


def is_whole_name(whole: str, *, given_name: str, family_name: str) -> bool:
    """Whether this is the name of a person, in whichever order; a part that is not known says nothing."""
    said, known = _words(whole), _words(f"{given_name} {family_name}")
    return said == known if given_name and family_name else known <= said


def _named(words: list[str], given_words: int | None) -> Values:
    """``given_words``: how many come before the family name, where that is known."""
    salutation = _SALUTATIONS.get(_bare(words[0])) if len(words) > 1 else None
    rest = words[1:] if salutation else words
    titles = 0
    while titles < len(rest) - 1 and _TITLE.fullmatch(_bare(rest[titles])):
        titles += 1
    title, names = rest[:titles], rest[titles:]
    begins = _family_begins(names) if given_words is None else len(names) - (len(words) - given_words)
    return {
        "salutation": salutation,
        "title": " ".join(title) or None,
        "given_name": " ".join(names[:begins]) or None,
        "family_name": " ".join(names[begins:]) or None,
    }


def _family_begins(names: list[str]) -> int:
    particle = next((at for at, word in enumerate(names[:-1]) if _PARTICLES.fullmatch(word)), None)
    return len(names) - 1 if particle is None else particle


def _bare(word: str) -> str:
    return keys.plain(word).strip(".").replace(".-", "-")


def _words(text: str) -> set[str]:
    """Salutations and titles are no part of a name."""
    words = {_bare(word) for word in keys.plain(text).split()}
    return {word for word in words if word not in _SALUTATIONS and not _TITLE.fullmatch(word)}
