"""What a list that comes in says of records that exist already: how they are found, read and changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.fields import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one line of a list would say of a record that exists."""

    values: Values
    beside: str = ""
    """The words of other features by which it is found, as they are kept."""

    holds: Callable[[str, str], bool] = lambda _field, _value: False
    """Whether the record has this already, if perhaps in another place: a second number, a former mail."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What one line of a list may be about."""

    ids: Sequence[UUID]
    is_shared: bool = False
    """Of a line that is about none: whether somebody else has its e-mail address, here or further up in the list."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """How many records that exist are found by lines of a list and changed, each in a constant number of statements."""

    keys: tuple[str, str]
    """The fields by which a line finds its record: by the first, or else by the second."""

    repeated: Callable[[Sequence[Values]], Sequence[bool]]
    """For each line, whether one above it is about the same record."""

    find: Callable[[Sequence[Values]], Sequence[Hit]]
    """For each line, the records it may be about."""

    read: Callable[[Collection[UUID]], Mapping[UUID, Standing]]
    """Of those that are not in the recycle bin; locked until the end of the unit of work."""

    write: Callable[[Mapping[UUID, Standing]], None]
    """Let these records say so from now on: the fields that are named, and the words."""
