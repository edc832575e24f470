"""The form of a record that exists: what stands in it, what was sent, and what becomes of that when somebody else has
saved in the meantime.

The form carries the version and the state that it was made from. What only one of both changed is saved; where they
contradict each other, the form comes back with both versions, and who saved the other one when.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from uuid import UUID

from flask import request
from flask_babel import gettext

from app.core import authorship, fields, forms, frame, i18n
from app.core.authorship import Author, Trace
from app.core.fields import Field, FieldKind, FieldSchema
from app.core.forms import Errors, FormField, Theirs
from app.core.merging import merge
from tenants.context import current_actor
from tenants.errors import NotFound

Record = TypeVar("Record")
Texts = Mapping[str, str]
"""By name of a field, what stands in it."""

USE = "use-"
"""Before the name of a field: what somebody else has saved there is to be taken."""


@dataclass(frozen=True, kw_only=True)
class Entered:
    """As the record has it, or as somebody sent it."""

    values: Mapping[str, Any]
    errors: Errors = field(default_factory=dict)
    theirs: Mapping[str, Theirs] = field(default_factory=dict)
    """By field, what somebody else has saved there meanwhile and what contradicts it."""

    version: str = ""
    seen: str = ""
    """The record as it was when the form was shown, as the form carries it."""

    reproach: str = ""
    """Who has changed what meanwhile, on top of a form that comes back for that reason."""

    @property
    def is_accepted(self) -> bool:
        return not (self.errors or self.reproach)

    @property
    def status(self) -> HTTPStatus:
        return HTTPStatus.CONFLICT if self.reproach else HTTPStatus.UNPROCESSABLE_ENTITY

    @property
    def hidden(self) -> Texts:
        """What the form has to carry."""
        return {"version": self.version, "seen": self.seen}

    @property
    def summary(self) -> list[str]:
        """What stands on top of the form."""
        if self.reproach:
            return [self.reproach]
        return list(self.errors.get("", ())) or forms.summary(bool(self.errors))

    def refused(self, errors: Errors) -> Entered:
        return replace(self, errors=errors)

    def shown(self, described: Sequence[Field]) -> list[FormField]:
        return forms.shown(described, self.values, self.errors, theirs=self.theirs)


def _version(record: Any) -> str:
    return str(record.version)


@dataclass(frozen=True, kw_only=True)
class EditForm(Generic[Record]):
    """What a form shows of one kind of record, described once."""

    load: Callable[[UUID], Record]
    """Locked until the end of the request; raises NotFound."""

    schema: FieldSchema
    texts: Callable[[Record], Texts]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field -> columns in which it is kept, where they are called otherwise."""

    say: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """Field -> how its text is said, where the form shows something else than what it sends."""

    read: Callable[[FieldSchema], tuple[Mapping[str, Any], Errors]] = forms.read
    version: Callable[[Record], str] = _version
    discarded: Callable[[UUID], Record] | None = None
    """What lies in the recycle bin, from where people can take it back; raises NotFound."""

    authors: Callable[[Mapping[str, Trace]], Mapping[str, Author]] = authorship.last_authors
    """Who changed what; whatever lies outside of a firm has no journal."""

    def show(self, record: Record) -> Entered:
        saved = dict(self.texts(record))
        return Entered(values=saved, version=self.version(record), seen=kept(saved))

    def receive(self, record_id: UUID) -> tuple[Record, Entered]:
        """The record, locked until the end of the request, and what is to be saved of it where that is accepted.

        Raises NotFound.
        """
        values, errors = self.read(self.schema)
        version, seen = carried()
        entered = Entered(values=values, errors=errors, version=version, seen=seen)
        try:
            record = self.load(record_id)
        except NotFound:
            if self.discarded is None:
                raise
            return self.discarded(record_id), replace(entered, reproach=thrown_away(record_id))
        return record, entered if errors else self._meet(record_id, record, entered)

    def _meet(self, record_id: UUID, record: Record, entered: Entered) -> Entered:
        saved = self.show(record)
        mine = chosen(self._sent(entered), saved=saved.values, names=choices())
        if entered.version == saved.version:
            return replace(entered, values=self._tidied(mine))
        merged = merge(seen=read(entered.seen), entered=mine, saved=saved.values)
        traces = {name: Trace(record_id, self.columns.get(name, (name,))) for name in saved.values}
        news = News(
            disputed=merged.disputed, authors=self.authors(since(traces, seen=entered.seen, saved=saved.values))
        )
        met = replace(saved, values=self._tidied(merged.values), theirs=news.theirs(self._said))
        if met.theirs:
            return replace(met, reproach=news.reproach({one.name: str(one.label) for one in self.schema.described}))
        problems = fields.problems(self.schema.described, met.values, rule=self.schema.rule)
        if not problems:
            news.tell()
        return met.refused(problems)

    def _sent(self, entered: Entered) -> Texts:
        return {one.name: str(entered.values.get(one.name) or "") for one in self.schema.described}

    def _tidied(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return fields.tidied(self.schema.described, values)

    def _said(self, name: str, text: str) -> str:
        if name in self.say:
            return self.say[name](text)
        described = next(one for one in self.schema.described if one.name == name)
        if described.kind is FieldKind.DAY:
            return i18n.say_day(date.fromisoformat(text))
        return str(dict(described.options).get(text, text))


@dataclass(frozen=True, kw_only=True)
class News:
    """What somebody else has saved since a form was shown."""

    disputed: Texts
    authors: Mapping[str, Author]
    """By field, of all that has changed."""

    def theirs(self, said: Callable[[str, str], str]) -> dict[str, Theirs]:
        return {name: self._theirs(name, said(name, text) if text else "") for name, text in self.disputed.items()}

    def reproach(self, labels: Mapping[str, str]) -> str:
        """Who has changed which fields."""
        changed = [name for name in labels if name in self.authors or name in self.disputed]
        said = ", ".join(dict.fromkeys(labels[name].rstrip("?") for name in changed))
        who = self._who(changed)
        if not who:
            return gettext(
                "Somebody else has changed this meanwhile: %(fields)s. Please choose where both versions differ.",
                fields=said,
            )
        return gettext(
            "%(who)s has changed this meanwhile: %(fields)s. Please choose where both versions differ.",
            who=who,
            fields=said,
        )

    def tell(self) -> None:
        """On the next page, of a change by others that is saved beside one's own."""
        own = current_actor().user_id
        others = [name for name, author in self.authors.items() if author.user_id is None or author.user_id != own]
        if not others:
            return
        who = self._who(others)
        if who:
            frame.notify(gettext("%(who)s changed this meanwhile; both changes are saved.", who=who))
        else:
            frame.notify(gettext("Somebody else changed this meanwhile; both changes are saved."))

    def _theirs(self, name: str, said: str) -> Theirs:
        author = self.authors.get(name)
        return Theirs(said=said, who=author.who if author else "", at=author.at if author else None)

    def _who(self, names: Sequence[str]) -> str:
        found = [self.authors[name].who for name in names if name in self.authors]
        return ", ".join(dict.fromkeys(who for who in found if who))


def thrown_away(record_id: UUID) -> str:
    """Who has put a record into the recycle bin while somebody had its form open."""
    author = authorship.last_authors({"": Trace(record_id, ("deleted_at",))}).get("")
    if author is None or not author.who:
        return gettext(
            "This lies in the recycle bin by now. Restored there, it can be saved here; what you entered stays."
        )
    return gettext(
        "%(who)s has moved this to the recycle bin, %(moment)s. Restored there, it can be saved here; "
        "what you entered stays.",
        who=author.who,
        moment=i18n.reader().say_date(author.at),
    )


def since(traces: Mapping[str, Trace], *, seen: str, saved: Texts) -> Mapping[str, Trace]:
    """Of these fields, those that are saved otherwise than they were shown."""
    before = read(seen)
    return {name: trace for name, trace in traces.items() if saved.get(name) != before.get(name)}


def kept(shown: Texts) -> str:
    """The present state of a record, to be carried by its form."""
    return json.dumps(dict(shown), ensure_ascii=False, separators=(",", ":"))


def read(seen: str) -> Texts:
    """What the form carried. Whoever sends something else only disputes more, or less, of their own changes."""
    try:
        found = json.loads(seen or "{}")
    except ValueError:
        return {}
    return {str(name): str(text) for name, text in found.items()} if isinstance(found, dict) else {}


def carried() -> tuple[str, str]:
    """(version, state) from which the form that was sent was made."""
    return request.form.get("version", ""), request.form.get("seen", "")


def choices() -> list[str]:
    """Names for which what somebody else has saved was chosen."""
    return [name.removeprefix(USE) for name in request.form if name.startswith(USE)]


def chosen(entered: Texts, *, saved: Texts, names: Sequence[str]) -> Texts:
    """What was entered, but for these names what is saved."""
    return {**entered, **{name: saved[name] for name in names if name in entered and name in saved}}
