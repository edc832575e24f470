"""What a feature may bring along. Each feature folder declares one ``FEATURE``, listed in app/features.py."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from flask import Blueprint
from markupsafe import Markup
from sqlalchemy import Select

from app.core.bins import Bin
from app.core.capture import Capture, CaptureDetails, CaptureKind
from app.core.entities import EVERY_RECORD, EntityRef, EntityType, Extension, entity_types
from app.core.entries import Entry, Place
from app.core.fields import Text
from app.core.overview import Agenda, Numbers
from app.core.resources import Bond, Resource
from app.core.subjects import Subject


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    label: Text
    icon: str
    endpoint: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class Bell:
    """What rings on every page when there is something new."""

    endpoint: str
    """Where one reads what it is."""

    renewed: str
    """The endpoint of the bell alone."""

    unread: Callable[[], int]
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
    load: Callable[[EntityRef], dict[str, Any]]
    """From the record to what the template needs, in one statement."""

    permission: str
    lazy: bool = False
    """It is loaded when somebody comes to see it, with all others that have time."""

    line: Callable[[dict[str, Any]], str] = lambda _loaded: ""
    """From what was loaded to what stands below the record's name, as what somebody is and where."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Where the bar below a list sends what was chosen there."""

    endpoint: str
    """Takes a POST with ``entity``, ``token``, ``query`` (of the list's address), ``id`` for each record or ``all``,
    ``action``, and the arguments of the actions.
    """

    permission: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept of a list for the actor."""

    address: Mapping[str, str] = field(default_factory=dict)
    """What the list shows when nothing is asked for; empty: everything."""

    columns: tuple[str, ...] = ()
    """Those that the actor has chosen for the list; empty: as it has them."""

    views: Sequence[Any] = ()
    """For whoever keeps them."""


@dataclass(frozen=True, kw_only=True)
class ListKeeper:
    """How people look at lists, kept: which rows, in which order, with which columns."""

    recall: Callable[[EntityType], Kept]
    """In one statement."""

    tabs: Callable[[EntityType, Kept, Mapping[str, str]], Markup]
    """(list, what is kept of it, its address) -> the views to choose from, above the list."""

    tools: Callable[[EntityType, Kept, Mapping[str, str]], Markup]
    """The same -> what narrows the list, chooses its columns and keeps a view."""


EntrySource = Callable[[EntityType, UUID, Place | None, int], Sequence[Entry]]
"""(kind of record, id, only before, at most) -> what happened, newest first."""


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """What of a feature can be still to be done and on two records at once."""

    statement: Select[*tuple[Any, ...]]
    """(id, title, due: a day or NULL), with the parameters ``first_id`` and ``second_id``."""

    take_off: Callable[[Collection[UUID], EntityRef], None]
    """It is no longer on this record."""

    give: Callable[[Collection[UUID], UUID], None]
    """It is for this user to do."""

    permission: str


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

    bell: Bell | None = None
    """At most one feature has it."""

    first_steps: tuple[FirstStep, ...] = ()
    list_actions: tuple[MenuItem, ...] = ()
    """What it offers on every list of records that can be added, with the argument ``entity``."""

    list_ways: tuple[ListWay, ...] = ()
    panels: tuple[Panel, ...] = ()
    capture: Capture | None = None
    capture_kinds: tuple[CaptureKind, ...] = ()
    capture_details: tuple[CaptureDetails, ...] = ()
    selection: Selection | None = None
    list_keeper: ListKeeper | None = None
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

    subjects: tuple[Subject, ...] = ()
    """What rules can be about besides its records."""

    followed: Callable[[int, Place | None], Sequence[Entry]] | None = None
    """At most so many of the last things that happened to what the actor follows, or that stand below a place, newest
    first, each with a way to its record.
    """

    numbers: Numbers | None = None
    logo: str = ""  # The endpoint of the firm's logo; takes ``v``, its id.
    meanwhile: str = ""
    """The endpoint of the sentence that tells an open form who has changed its record; takes ``record_id``."""

    handover: Callable[[UUID, UUID], int] | None = None
    """Give what one user is assigned to and has not finished to another user: (from, to) -> how many records."""

    unfinished: Unfinished | None = None
    bins: tuple[Bin, ...] = ()
    people: Callable[[Collection[UUID]], Mapping[UUID, str]] | None = None
    """What these users are called, in one statement."""


@cache
def _as_subject(entity: EntityType) -> Subject:
    return Subject(
        name=entity.name,
        model=entity.model,
        label=entity.label,
        plural=entity.plural,
        icon=entity.icon,
        permission=entity.may("read"),
        title=lambda: getattr(entity.model, entity.title),
        endpoint=entity.endpoint,
        people=entity.people,
        told=(*entity.fields, *entity.told),
    )


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

    def subjects(self) -> Sequence[Subject]:
        """All that rules can be about, in the order of the menu."""
        return [one for feature in self for one in (*map(_as_subject, feature.entities), *feature.subjects)]

    def subject(self, name: str) -> Subject | None:
        return next((one for one in self.subjects() if one.name == name), None)

    def permissions(self) -> frozenset[str]:
        return frozenset(permission for feature in self for permission in feature.permissions)

    def bell(self) -> Bell | None:
        return next((feature.bell for feature in self if feature.bell is not None), None)

    def capture(self) -> Capture | None:
        return next((feature.capture for feature in self if feature.capture is not None), None)

    def meanwhile(self) -> str:
        return next((feature.meanwhile for feature in self if feature.meanwhile), "")

    def capture_kinds(self) -> list[CaptureKind]:
        return [kind for feature in self for kind in feature.capture_kinds]

    def capture_details(self) -> list[CaptureDetails]:
        return [details for feature in self for details in feature.capture_details]

    def people(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """What these users are called, those who have left included."""
        known = next((feature.people for feature in self if feature.people is not None), None)
        return known(ids) if known is not None and ids else {}

    def telling_on(self, entity_type: EntityType) -> list[Feature]:
        """What has entries for the timelines of such records."""
        return [one for one in self if one.entries is not None and entity_type.name in one.entries_on]

    def selection(self) -> Selection | None:
        return next((feature.selection for feature in self if feature.selection is not None), None)

    def list_keeper(self) -> ListKeeper | None:
        return next((feature.list_keeper for feature in self if feature.list_keeper is not None), None)

    def panels_on(self, entity_type: EntityType) -> list[Panel]:
        return [panel for feature in self for panel in feature.panels if entity_type.name in panel.on]


features = Features()
