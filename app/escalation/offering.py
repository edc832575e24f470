"""What a rule can name: whom it tells, what it asks of what it is about, and what these are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.core.criteria import Criteria
from app.core.features import features
from app.core.fields import Text
from app.core.subjects import Subject
from app.escalation import rules
from app.escalation.rules import EVERYTHING, FOLLOWERS, AddresseeKind
from app.users import queries as users
from tenants.models import Role

_ROLES: Mapping[Role, Text] = {
    Role.OWNER: _l("all owners"),
    Role.ADMIN: _l("all administrators"),
    Role.MEMBER: _l("all members"),
    Role.READER: _l("all who only read"),
}
Options = Sequence[tuple[str, str]]
"""(value, text)"""


def subject_name(subject: Subject | None) -> str:
    return gettext("Everything") if subject is None else str(subject.plural)


def known(name: str) -> bool:
    return name == EVERYTHING or features.subject(name) is not None


def criteria(subject: Subject | None) -> Criteria:
    return subject.criteria() if subject is not None else {}


def fields(subject: Subject | None) -> Options:
    """What can have changed."""
    if subject is None:
        return ()
    told = {one.name: str(one.label) for one in subject.told}
    return list({**{person.column: str(person.label) for person in subject.people}, **told}.items())


def addressees(subject: Subject | None, chosen: Collection[str]) -> Options:
    """Whom it can name by what they are, and of single people those that it names already."""
    people = subject.people if subject is not None else ()
    return [
        *((f"{AddresseeKind.PERSON}:{person.name}", str(person.label)) for person in people),
        (FOLLOWERS, gettext("whoever follows it")),
        *((f"{AddresseeKind.ROLE}:{role}", str(label)) for role, label in _ROLES.items()),
        *_colleagues({one for one in chosen if _is_user(one)}),
    ]


def expect(chosen: Iterable[str]) -> None:
    """All that a page is going to name: in one statement, and in none where nobody of them has left."""
    _colleagues({one for one in chosen if _is_user(one)})


def _colleagues(chosen: Collection[str]) -> Options:
    """Those who have left are asked for only where somebody still names them, and once on a page."""
    known = {value: name for value, name in colleagues() if value in chosen} if chosen else {}
    others = [one for one in chosen if one not in known]
    asked: dict[str, str] = g.setdefault("addressees_beside", {})
    if missing := [one for one in others if one not in asked]:
        found = {f"{AddresseeKind.USER}:{one.id}": _said(one) for one in users.known([*map(_user_id, missing)])}
        asked.update({one: found.get(one, "") for one in missing})
    return [*known.items(), *((one, asked[one]) for one in others if asked[one])]


def _said(person: Row[Any]) -> str:
    """Whoever has left is told nothing, and a rule that names them tells nobody in their place."""
    if person.active:
        return str(person.name)
    return gettext("%(name)s (has left and is told nothing)", name=person.name)


def colleagues() -> Options:
    """Single people."""
    return [(f"{AddresseeKind.USER}:{user_id}", name) for user_id, name in users.offered()]


def is_offered(subject: Subject | None, addressee: str) -> bool:
    return addressee in dict(addressees(subject, [addressee]))


def named(subject: Subject | None, chosen: Sequence[str]) -> str:
    """These, in words."""
    known = dict(addressees(subject, chosen))
    return ", ".join(known.get(one, gettext("somebody who is not known here any more")) for one in chosen)


def _is_user(written: str) -> bool:
    return written.startswith(f"{AddresseeKind.USER}:") and rules.is_addressee(written)


def _user_id(written: str) -> UUID:
    return UUID(written.partition(":")[2])
