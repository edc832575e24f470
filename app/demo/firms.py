"""The invented firms, as their files beside this one tell of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

from app.activities.models import ActivityKind, Repeats
from app.complaints.models import Priority
from app.core.fields import Values

_FILES = ("nordlicht.toml", "brightwater.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who works in the firm; whoever stands first owns it."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What one member wrote down about a contact or a company."""

    about: str
    """The contact's or the company's name."""

    by: str
    ago: int
    """Working days before the day of building: never on a day off, always in the same order."""

    at: time
    """On the clocks of the firm."""

    kind: ActivityKind
    text: str
    moves_to: str | None = None
    """On this day the contact has left all employers and begins at this company."""

    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What one member has to do for a contact or a company."""

    about: str
    by: str
    due_in: int
    """Days from the day of building; negative for what is overdue."""

    text: str
    repeats: Repeats | None = None
    done: int = 0
    """So many repetitions are behind it; ``due_in`` is the day of the one that is still to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grievance:
    """A complaint that one member took down."""

    about: str
    by: str
    ago: int
    at: time
    what: str
    details: str
    priority: Priority = Priority.NORMAL
    acknowledged: int = 45
    """After so many minutes; 0 where nobody is at work on it yet."""

    settled: str = ""
    """How; nothing while it is open."""

    days: int = 1
    """Working days until it was settled."""

    again: int = 0
    """Working days after which it was settled once more, having been reopened."""

    settled_again: str = ""
    photo: str = ""
    """The name of the picture that came with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A tag, and the contacts and companies that carry it."""

    name: str
    on: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    title: str
    happenings: Sequence[Happening]


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    name: str
    slug: str
    locale: str
    password: str
    members: Sequence[Member]
    companies: Sequence[Values]
    contacts: Sequence[Values]
    stories: Sequence[Story]
    notes: Sequence[Happening]
    duties: Sequence[Duty]
    grievances: Sequence[Grievance]
    """In the order in which they came, so that their numbers follow it too."""

    marks: Sequence[Mark]
    greeting: tuple[str, str]
    """(about whom, text): the second member's, on the day of building."""

    def told_by(self, member: Member) -> Iterator[Happening]:
        """In the order in which it happened within each story.

        Whoever tells of a move tells of all that came before it: members are entered one by one.
        """
        for story in self.stories:
            yield from (happening for happening in story.happenings if happening.by == member.name)
        yield from (note for note in self.notes if note.by == member.name)


def every_firm() -> list[Firm]:
    return [_read(Path(__file__).with_name(name)) for name in _FILES]


def _read(path: Path) -> Firm:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return Firm(
        name=told["name"],
        slug=told["slug"],
        locale=told["locale"],
        greeting=(told["greeting"]["about"], told["greeting"]["text"]),
        password=told["password"],
        members=[Member(**member) for member in told["members"]],
        companies=[{key: value for key, value in company.items() if key != "people"} for company in told["companies"]],
        contacts=list(_contacts(told)),
        stories=[_story(story) for story in told["stories"]],
        notes=[_happening(note) for note in told["notes"]],
        duties=[_duty(duty) for duty in told["duties"]],
        grievances=sorted(map(_grievance, told["complaints"]), key=lambda one: (-one.ago, one.at)),
        marks=[Mark(**mark) for mark in told["tags"]],
    )


def _contacts(told: dict[str, Any]) -> Iterator[Values]:
    yield from told.get("people", ())
    for company in told["companies"]:
        for person in company["people"]:
            yield {**person, "company": company["name"]}


def _story(told: dict[str, Any]) -> Story:
    entries = [_happening({"about": told["about"], **entry}) for entry in told["entries"]]
    return Story(title=told["title"], happenings=entries)


def _duty(told: dict[str, Any]) -> Duty:
    return Duty(**{**told, "repeats": Repeats(told["repeats"]) if "repeats" in told else None})


def _grievance(told: dict[str, Any]) -> Grievance:
    return Grievance(**{**told, "priority": Priority(told.get("priority", Priority.NORMAL))})


def _happening(told: dict[str, Any]) -> Happening:
    return Happening(**{**told, "kind": ActivityKind(told["kind"])})
