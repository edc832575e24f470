"""What a feature may bring along. Each feature folder declares one ``FEATURE``, listed in app/features.py."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint

from app.core.entities import EVERY_RECORD, EntityRef, EntityType, Extension, entity_types
from app.core.entries import Entry
from app.core.fields import Text
from app.core.forms import Errors
from app.core.resources import Bond, Resource


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    label: Text
    icon: str
    endpoint: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class ListWay:
    """Where one can take what a list shows, as to a file."""

    label: Text
    icon: str
    endpoint: str
    """Takes ``entity`` and everything that the list's own address asks for."""

    permission: str
    verb: str
    """What one must be allowed to do with such records besides."""


@dataclass(frozen=True, kw_only=True)
class FirstStep:
    """One way to begin in an empty account."""

    label: Text
    text: Text
    """What it is good for."""

    icon: str
    endpoint: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A piece of a record's page, contributed by a feature the record knows nothing about."""

    on: Container[str]
    """Names of the entity types whose pages show it."""

    title: Text
    template: str
    load: Callable[[Any], dict[str, Any]]
    """From the record to what the template needs, in one statement."""

    permission: str
    lazy: bool = False
    """It is loaded when somebody comes to see it, with all others that have time."""

    line: Callable[[dict[str, Any]], str] = lambda _loaded: ""
    """From what was loaded to what stands below the record's name, as what somebody is and where."""


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

    placeholder: Text
    submit_label: Text
    permission: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Where the bar below a list sends what was chosen there."""

    endpoint: str
    """Takes a POST with ``entity``, ``token``, ``query`` (of the list's address), ``id`` for each record or ``all``,
    ``action``, and the arguments of the actions.
    """

    permission: str


EntrySource = Callable[[EntityType, UUID, datetime | None, int], Sequence[Entry]]
"""(kind of record, id, only before, at most) -> what happened, newest first."""


@dataclass(frozen=True, kw_only=True)
class Agenda:
    """What waits for the actor, as home tells it."""

    title: Text
    url: str
    """Where all of it is."""

    lines: Sequence[tuple[str, str, str, str]]
    """(URL, what, until when, tone), the most urgent first."""

    empty: Text


@dataclass(frozen=True, kw_only=True)
class Feature:
    name: str
    entities: tuple[EntityType, ...] = ()
    extensions: tuple[Extension, ...] = ()
    blueprints: tuple[Blueprint, ...] = ()
    permissions: tuple[str, ...] = ()
    menu: tuple[MenuItem, ...] = ()
    account: tuple[MenuItem, ...] = ()
    """What stands under the person's name instead of in the menu."""

    quick: tuple[MenuItem, ...] = ()
    """What "+" offers on the phone."""

    first_steps: tuple[FirstStep, ...] = ()
    list_actions: tuple[MenuItem, ...] = ()
    """What it offers on every list of records that can be added, with the argument ``entity``."""

    list_ways: tuple[ListWay, ...] = ()
    panels: tuple[Panel, ...] = ()
    capture: Capture | None = None
    capture_kinds: tuple[CaptureKind, ...] = ()
    capture_details: tuple[CaptureDetails, ...] = ()
    selection: Selection | None = None
    resources: tuple[Resource, ...] = ()
    """What programs can read and change of it."""

    bonds: tuple[Bond, ...] = ()
    """What of it programs hang on records of other features."""

    entries: EntrySource | None = None
    """What it tells on the timelines of records."""

    entries_label: Text = ""
    entries_on: Container[str] = EVERY_RECORD
    """Names of the entity types on whose timelines it tells anything."""

    agenda: Callable[[], Agenda | None] = lambda: None
    """What of it waits for the actor, in one statement."""

    news: Callable[[int], Sequence[Entry]] | None = None
    """At most so many of the last things that happened anywhere, newest first, each with a way to its record."""

    handover: Callable[[UUID, UUID], int] | None = None
    """Give what one user is assigned to and has not finished to another user: (from, to) -> how many records."""


class Features:
    def __init__(self) -> None:
        self._features: dict[str, Feature] = {}

    def replace(self, listed: tuple[Feature, ...]) -> None:
        """Put these features, in this order, in the place of all others."""
        self._features = {feature.name: feature for feature in listed}
        entity_types.clear()
        for feature in listed:
            for entity_type in feature.entities:
                entity_types.add(entity_type)
            for extension in feature.extensions:
                entity_types.extend(extension)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self._features.values())

    def permissions(self) -> frozenset[str]:
        return frozenset(permission for feature in self for permission in feature.permissions)

    def capture(self) -> Capture | None:
        return next((feature.capture for feature in self if feature.capture is not None), None)

    def capture_kinds(self) -> list[CaptureKind]:
        return [kind for feature in self for kind in feature.capture_kinds]

    def capture_details(self) -> list[CaptureDetails]:
        return [details for feature in self for details in feature.capture_details]

    def telling_on(self, entity_type: EntityType) -> list[Feature]:
        """What has entries for the timelines of such records."""
        return [one for one in self if one.entries is not None and entity_type.name in one.entries_on]

    def selection(self) -> Selection | None:
        return next((feature.selection for feature in self if feature.selection is not None), None)

    def panels_on(self, entity_type: EntityType) -> list[Panel]:
        return [panel for feature in self for panel in feature.panels if entity_type.name in panel.on]


features = Features()
