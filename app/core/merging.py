"""Two people change one record: what each of them changed, beside what both had seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Merged(Generic[T]):
    values: Mapping[str, T]
    """What both want; where they contradict each other, what was entered last."""

    disputed: Mapping[str, T]
    """Where they contradict each other, what is saved now."""


def merge(*, seen: Mapping[str, T], entered: Mapping[str, T], saved: Mapping[str, T]) -> Merged[T]:
    """By name, from what both had seen, what one entered and what the other has saved meanwhile.

    1. What only one of them touched is as that one left it; a name that is missing was taken away.
    2. What one took away and the other changed stays, changed.
    3. What both changed, otherwise, is disputed.
    """
    values: dict[str, T] = {}
    disputed: dict[str, T] = {}
    for name in dict.fromkeys((*entered, *saved)):
        before, mine, theirs = seen.get(name), entered.get(name), saved.get(name)
        kept = _kept(before, mine, theirs)
        if kept is not None:
            values[name] = kept
        if mine is not None and theirs is not None and mine != theirs and before not in (mine, theirs):
            disputed[name] = theirs
    return Merged(values, disputed)


def _kept(before: T | None, mine: T | None, theirs: T | None) -> T | None:
    if mine == before:
        return theirs
    if mine is None:
        return None if theirs == before else theirs
    return mine
