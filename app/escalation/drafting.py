"""A rule while somebody writes it: what stands in the form, what that means as texts that can be merged with what
somebody else saved, and as a definition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.core import conditions, lines
from app.core.conditions import Condition, UnreadableCondition
from app.core.criteria import check
from app.core.fields import Field, clean, schema_of
from app.core.lines import Line
from app.core.subjects import Subject
from app.escalation import offering, rules
from app.escalation.rules import EVENTS, LONGEST_WAIT, MOST_ADDRESSEES, MOST_LEVELS, Definition, Level, Telling

_LONGEST = 20_000
_MINUTES_AN_HOUR = 60
NAME = Field(name="name", label=_l("Name"), required=True, limit=120)
EVENTS_FIELD = Field(name="events", label=_l("When something is"), limit=_LONGEST)
FIELDS = Field(name="fields", label=_l("Only when this has changed"), limit=_LONGEST)
WHEN = Field(name="when", label=_l("Only where this holds"), limit=_LONGEST)
TO = Field(name="to", label=_l("Who to tell at once"), limit=_LONGEST)
MAIL = Field(name="mail", label=_l("By mail too"), limit=1)
EACH = Field(name="each", label=_l("Each one by itself"), limit=1)
UNTIL = Field(name="until", label=_l("What must come about"), limit=_LONGEST)
LEVELS = Field(name="levels", label=_l("If nobody does it in time"), limit=_LONGEST)
SCHEMA = schema_of((NAME, EVENTS_FIELD, FIELDS, WHEN, TO, MAIL, EACH, UNTIL, LEVELS))
Problems = Mapping[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class LevelDraft:
    after: str = ""
    unit: str = "hours"
    to: tuple[str, ...] = ()
    by_mail: bool = True
    problem: str = ""

    @property
    def minutes(self) -> int | None:
        """None where that is no time."""
        if not (self.after.isascii() and self.after.isdigit() and len(self.after) <= len(str(LONGEST_WAIT))):
            return None
        found = int(self.after) * (_MINUTES_AN_HOUR if self.unit == "hours" else 1)
        return found if 0 < found <= LONGEST_WAIT else None


@dataclass(frozen=True, kw_only=True)
class Draft:
    name: str = ""
    events: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    when: Sequence[Line] = ()
    to: tuple[str, ...] = ()
    by_mail: bool = False
    each: bool = False
    until: Sequence[Line] = ()
    levels: Sequence[LevelDraft] = ()


def typed(form: MultiDict[str, str], subject: Subject | None) -> Draft:
    """As it was sent."""
    asked = offering.criteria(subject)
    places = [place for place in range(MOST_LEVELS) if f"level-{place}-after" in form]
    return Draft(
        name=clean(form.get("name", ""))[: NAME.limit + 1],
        events=tuple(form.getlist("events")),
        fields=tuple(form.getlist("fields"))[: rules.MOST_FIELDS],
        when=lines.typed(form, asked, of="when-"),
        to=_people(form, ""),
        by_mail="mail" in form,
        each="each" in form,
        until=lines.typed(form, asked, of="until-"),
        levels=[_level(form, f"level-{place}-") for place in places],
    )


def _people(form: MultiDict[str, str], of: str) -> tuple[str, ...]:
    chosen = [*form.getlist(f"{of}to"), form.get(f"{of}user", "")]
    return tuple(dict.fromkeys(one for one in chosen if one))[:MOST_ADDRESSEES]


def _level(form: MultiDict[str, str], of: str) -> LevelDraft:
    return LevelDraft(
        after=clean(form.get(f"{of}after", "")),
        unit="minutes" if form.get(f"{of}unit") == "minutes" else "hours",
        to=_people(form, of),
        by_mail=f"{of}mail" in form,
    )


def of(name: str, definition: Definition) -> Draft:
    return Draft(
        name=name,
        events=tuple(one for one in EVENTS if one in definition.events),
        fields=tuple(sorted(definition.fields)),
        when=lines.of(definition.condition),
        to=definition.telling.to,
        by_mail=definition.telling.by_mail,
        each=definition.each,
        until=lines.of(definition.until),
        levels=[_drafted(level.after, level.telling.to, by_mail=level.telling.by_mail) for level in definition.levels],
    )


def _drafted(minutes: int, to: tuple[str, ...], *, by_mail: bool) -> LevelDraft:
    is_whole = minutes % _MINUTES_AN_HOUR == 0
    after = minutes // _MINUTES_AN_HOUR if is_whole else minutes
    return LevelDraft(after=str(after), unit="hours" if is_whole else "minutes", to=to, by_mail=by_mail)


def of_texts(values: Mapping[str, Any]) -> Draft:
    """Of what ``texts`` has given, after it was merged with what somebody else saved."""
    levels = json.loads(values["levels"] or "[]")
    return Draft(
        name=values["name"] or "",
        events=tuple(_split(values["events"])),
        fields=tuple(_split(values["fields"])),
        when=lines.of(condition_of(values["when"])),
        to=tuple(_split(values["to"])),
        by_mail=values["mail"] == "1",
        each=values["each"] == "1",
        until=lines.of(condition_of(values["until"])),
        levels=[_drafted(one["after"] or 0, tuple(one["to"]), by_mail=one["mail"]) for one in levels],
    )


def stepped(draft: Draft, deed: str, form: MultiDict[str, str], subject: Subject | None) -> Draft:
    """With one line or level more or less, as a button of the form asks."""
    what, removes, place = deed.partition("-remove-")
    if removes:
        return _without(draft, what, int(place) if place.isascii() and place.isdecimal() else -1)
    asked = offering.criteria(subject)
    match deed:
        case "when-add":
            return replace(draft, when=lines.added(draft.when, form.get("when-new", ""), asked))
        case "until-add":
            return replace(draft, until=lines.added(draft.until, form.get("until-new", ""), asked))
        case "level-add" if len(draft.levels) < MOST_LEVELS:
            return replace(draft, levels=[*draft.levels, LevelDraft()])
    return draft


def _without(draft: Draft, what: str, place: int) -> Draft:
    match what:
        case "when":
            return replace(draft, when=lines.without(draft.when, place))
        case "until":
            return replace(draft, until=lines.without(draft.until, place))
        case _:
            return replace(draft, levels=[one for at, one in enumerate(draft.levels) if at != place])


def judged(draft: Draft, subject: Subject | None) -> Draft:
    """The same, each line and each level with what is wrong with it."""
    asked = offering.criteria(subject)
    offering.expect([*draft.to, *(one for level in draft.levels for one in level.to)])
    return replace(
        draft,
        when=lines.judged(draft.when, asked),
        until=lines.judged(draft.until, asked),
        levels=[replace(one, problem=_level_problem(one, subject)) for one in draft.levels],
    )


def _level_problem(level: LevelDraft, subject: Subject | None) -> str:
    if level.minutes is None:
        return gettext("Please say after how many hours or minutes, at most 90 days of them.")
    if not level.to:
        return gettext("Please choose whom this level tells.")
    return _unknown(level.to, subject)


def _unknown(to: Sequence[str], subject: Subject | None) -> str:
    """Nothing where all of them can be named; a colleague who has left may stay."""
    if all(rules.is_addressee(one) and offering.is_offered(subject, one) for one in to):
        return ""
    return gettext("Please choose one of the entries.")


def texts(draft: Draft) -> dict[str, str]:
    """By field, as the form is kept and merged; what is not finished is left out, which ``problems`` says."""
    levels = [{"after": one.minutes, "to": list(one.to), "mail": one.by_mail} for one in draft.levels]
    return {
        "name": draft.name,
        "events": ",".join(one for one in EVENTS if one in draft.events),
        "fields": ",".join(sorted(draft.fields)),
        "when": _written(draft.when),
        "to": ",".join(draft.to),
        "mail": "1" if draft.by_mail else "",
        "each": "1" if draft.each else "",
        "until": _written(draft.until),
        "levels": json.dumps(levels, separators=(",", ":")) if levels else "",
    }


def _written(written: Sequence[Line]) -> str:
    try:
        return conditions.written(lines.condition_of(written))
    except UnreadableCondition:
        return ""


def definition_of(values: Mapping[str, Any], subject: Subject | None) -> Definition:
    """Of texts. Raises UnreadableRule, UnreadableCondition."""
    found = rules.parse(
        {
            "subject": subject.name if subject is not None else rules.EVERYTHING,
            "events": _split(values["events"]),
            "when": _read(values["when"]),
            "fields": _split(values["fields"]),
            "to": _split(values["to"]),
            "mail": values["mail"] == "1",
            "each": values["each"] == "1",
            "until": _read(values["until"]),
            "levels": json.loads(values["levels"] or "[]"),
        }
    )
    for asked in (found.condition, found.until):
        check(asked, offering.criteria(subject))
    return found


def _split(text: str | None) -> list[str]:
    return text.split(",") if text else []


def _read(text: str | None) -> Any:
    return text or {"all": []}


def problems(draft: Draft, subject: Subject | None) -> dict[str, list[str]]:
    """What is wrong with it, by field, in words."""
    found = {name: said for name, said in _problems(draft, subject) if said}
    return {name: [said] for name, said in found.items()}


def _problems(draft: Draft, subject: Subject | None) -> Iterator[tuple[str, str]]:
    if not draft.to and not draft.levels:
        yield "to", gettext("Please choose who to tell, at once or later.")
    if draft.to and not set(draft.events) & set(EVENTS):
        yield "events", gettext("Please choose at least one occasion.")
    if set(draft.fields) - dict(offering.fields(subject)).keys():
        yield "fields", gettext("Please choose one of the entries.")
    yield "to", _unknown(draft.to, subject) if draft.to else ""
    yield "when", _condition_problem(draft.when, subject)
    yield "until", _until_problem(draft, subject)
    yield "levels", _levels_problem(draft)


def _condition_problem(written: Sequence[Line], subject: Subject | None) -> str:
    try:
        check(lines.condition_of(written), offering.criteria(subject))
    except UnreadableCondition:
        return gettext("Please check the marked lines.")
    return ""


def _until_problem(draft: Draft, subject: Subject | None) -> str:
    if draft.levels and not draft.until:
        return gettext("Please say what must come about, so that nobody is told any more.")
    return _condition_problem(draft.until, subject)


def _levels_problem(draft: Draft) -> str:
    waits = [level.minutes for level in draft.levels]
    if any(level.problem for level in draft.levels):
        return gettext("Please check the marked levels.")
    return gettext("Two levels cannot be told after the same time.") if len(set(waits)) < len(waits) else ""


def levels_of(draft: Draft) -> list[Level]:
    """Those that are finished."""
    return [
        Level(after=one.minutes, telling=Telling(to=one.to, by_mail=one.by_mail))
        for one in draft.levels
        if one.minutes is not None
    ]


def condition_of(text: str) -> Condition:
    return conditions.parse(text) if text else Condition()
