"""The box "What happened?" on every record's page, and what can be written into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.entities import EntityRef
from app.core.fields import Text
from app.core.forms import Errors


@dataclass(frozen=True, kw_only=True)
class CaptureKind:
    """One kind of thing that can be written into the box "What happened?"."""

    value: str
    label: Text
    icon: str
    permission: str
    keep: Callable[[EntityRef], Errors]
    """Read the form and keep it as something about the record; what is wrong, by field, when it is not kept."""


@dataclass(frozen=True, kw_only=True)
class CaptureDetails:
    """What the box asks beside the text while one of these kinds is chosen."""

    kinds: tuple[str, ...]
    template: str
    load: Callable[[Mapping[str, str], Errors], dict[str, Any]]
    """(what was entered, what was wrong with it) -> what the template needs."""

    permission: str


@dataclass(frozen=True, kw_only=True)
class Capture:
    """The box "What happened?" on every record's page."""

    endpoint: str
    """Takes a POST with ``text``, ``kind`` and what that kind asks, for the arguments ``entity`` and ``record_id``."""

    names_endpoint: str
    """The names of those whom "@Name" may mean, as options."""

    placeholder: Text
    submit_label: Text
    permission: str
