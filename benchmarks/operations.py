"""What is measured: each operation makes the same requests for the product and for the floor, and has its goal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from benchmarks.client import Request
from benchmarks.samples import Editable, Samples
from benchmarks.sizes import SLUG

KILOBYTE = 1024
CONTACTS = f"/{SLUG}/contacts"
_API = f"/{SLUG}/api/v1"


@dataclass(frozen=True, kw_only=True)
class Goal:
    """Upper bounds; what is None has none."""

    ratio: float | None = None
    """CPU, as a multiple of the floor's in the same run."""

    statements: int | None = None
    bytes: int | None = 30 * KILOBYTE
    p95_ms: float | None = None
    """With one client at a time."""

    cpu_ms: float | None = None
    like_list: float | None = None
    """CPU beside the list's own: 0.2 is 20 % more or less."""


@dataclass
class Side:
    """The product or the floor: where it answers, which of its records have been changed how often."""

    name: str
    port: int
    deep: str = ""
    """Address of the deep page: found by walking there once."""

    versions: dict[str, int] = field(default_factory=dict)
    sent: int = 0

    def number(self) -> int:
        self.sent += 1
        return self.sent


@dataclass(frozen=True, kw_only=True)
class Operation:
    name: str
    goal: Goal
    request: Callable[[Side, Samples], Request]


def _list(_side: Side, _samples: Samples) -> Request:
    return Request(path=CONTACTS)


def _deep(side: Side, _samples: Samples) -> Request:
    return Request(path=side.deep)


def _search(words: Callable[[Samples], list[str]]) -> Callable[[Side, Samples], Request]:
    def request(side: Side, samples: Samples) -> Request:
        choice = words(samples)
        word = choice[side.number() % len(choice)]
        return Request(path=f"{CONTACTS}?q={quote(word)}", label=word)

    return request


def _record(side: Side, samples: Samples) -> Request:
    return Request(path=f"{CONTACTS}/{samples.with_history[side.number() % len(samples.with_history)]}")


def _home(_side: Side, _samples: Samples) -> Request:
    return Request(path=f"/{SLUG}/")


def _create(side: Side, _samples: Samples) -> Request:
    number = side.number()
    form = {
        "salutation": "ms",
        "title": "",
        "given_name": "Änne",
        "family_name": f"Grünwald{number}",
        "points-0-kind": "phone",
        "points-0-label": "work",
        "points-0-value": f"+49 (40) 55{number:05}-1",
        "points-1-kind": "email",
        "points-1-label": "work",
        "points-1-value": f"aenne{number}@gruenwald.example",
    }
    return Request(path=f"{CONTACTS}/new", form=form)


def _edit(side: Side, samples: Samples) -> Request:
    number = side.number()
    one = samples.editable[number % len(samples.editable)]
    version = side.versions.get(one.id, one.version)
    side.versions[one.id] = version + 1
    return Request(path=f"{CONTACTS}/{one.id}/edit", form=_changed(one, number, version))


def _changed(one: Editable, number: int, version: int) -> dict[str, str]:
    """Another title and another phone number; everything else as it was."""
    form = {**one.form, "title": f"Dr. {number}", "version": str(version)}
    return form | {one.phone: f"+49 (40) 66{number:05}-2"}


def _json_list(_side: Side, _samples: Samples) -> Request:
    return Request(path=f"{_API}/contacts", by_token=True)


def _json_create(side: Side, _samples: Samples) -> Request:
    number = side.number()
    points = [
        {"kind": "phone", "label": "work", "value": f"+49 (40) 55{number:05}-1"},
        {"kind": "email", "label": "work", "value": f"joern{number}@gruenwald.example"},
    ]
    return Request(path=f"{_API}/contacts", json={"given_name": "Jörn", "family_name": "Grün", "points": points})


SEARCH = Goal(ratio=2.5)
OPERATIONS = (
    Operation(name="list", goal=Goal(ratio=3, statements=5, bytes=20 * KILOBYTE), request=_list),
    Operation(name="deep page", goal=Goal(ratio=3, statements=5, like_list=0.2), request=_deep),
    Operation(name="search name", goal=SEARCH, request=_search(lambda samples: samples.names)),
    Operation(name="search e-mail", goal=SEARCH, request=_search(lambda samples: samples.emails)),
    Operation(name="search phone", goal=SEARCH, request=_search(lambda samples: samples.phones)),
    Operation(name="search nasty", goal=Goal(ratio=2.5, p95_ms=15), request=_search(lambda samples: samples.nasty)),
    Operation(name="record", goal=Goal(ratio=3.5, statements=7), request=_record),
    Operation(name="home", goal=Goal(ratio=2), request=_home),
    Operation(name="create", goal=Goal(ratio=4, statements=6), request=_create),
    Operation(name="edit", goal=Goal(ratio=4, statements=6), request=_edit),
    Operation(name="JSON list", goal=Goal(ratio=3, statements=5, bytes=20 * KILOBYTE), request=_json_list),
    Operation(name="JSON create", goal=Goal(ratio=4, statements=6), request=_json_create),
)
