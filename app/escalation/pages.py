"""What the pages of rules show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask_babel import gettext, ngettext

from app.core import forms, i18n, lines
from app.core.conditions import MOST_TESTS
from app.core.entities import EntityRef
from app.core.features import features
from app.core.forms import Form, Section, Theirs
from app.core.lines import Line
from app.core.subjects import Subject
from app.escalation import deadlines, defaults, offering, queries, saying, trial
from app.escalation.drafting import NAME, Draft, LevelDraft
from app.escalation.rules import EVENTS, EVERYTHING, MOST_LEVELS, Level, Rule, Telling
from app.escalation.trial import Told, Trial
from tenants import clock

ANYTHING = "everything"
"""In an address, in the place of a subject's name."""

Crumbs = list[tuple[str, str | None]]


@dataclass(frozen=True, kw_only=True)
class Written:
    """What stands in a rule's form."""

    draft: Draft
    subject: Subject | None
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    theirs: Mapping[str, Theirs] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    summary: Sequence[str] = ()
    is_checked: bool = False
    trial: Trial | None = None
    deed: str = ""
    """What was pressed, where the keyboard goes on."""


def id_of(rule: Rule) -> UUID:
    return defaults.id_of(rule.key) if rule.key in defaults.BY_KEY else UUID(rule.key)


def crumbs() -> Crumbs:
    return [(gettext("Forwarding"), url_for("rules.index"))]


def listed() -> list[dict[str, Any]]:
    """All rules in sentences."""
    found, every = [], queries.all_rules()
    offering.expect(one for rule in every for one in rule.definition.addressees)
    for rule in every:
        told = {"rule": rule, "id": id_of(rule), "name": str(rule.name), "problem": said_problem(rule)}
        found.append({**told, "sentences": list(saying.sentences(rule.definition))})
    return found


def said_problem(rule: Rule) -> str:
    return gettext("It was switched off because it cannot be understood any more.") if rule.problem else ""


def subjects() -> list[tuple[str, str, str]]:
    """(label, icon, where a rule about it is written)"""
    named = [(str(one.plural), one.icon, one.name) for one in features.subjects()]
    every = (gettext("Everything"), "layers", ANYTHING)
    return [(label, icon, url_for("rules.new", subject=name)) for label, icon, name in (*named, every)]


def name_of(subject: Subject | None) -> str:
    return subject.name if subject is not None else EVERYTHING


def with_hidden(written: Written, more: Mapping[str, str]) -> Written:
    return replace(written, hidden={**written.hidden, **more})


def form_page(written: Written, *, title: str, action_url: str, cancel_url: str, is_new: bool = False) -> str:
    name = replace(NAME, label=gettext("Name of the rule"))
    shown = forms.shown([name], {"name": written.draft.name}, written.errors, theirs=written.theirs)
    shown = [replace(one, autofocus=one.autofocus and not written.deed) for one in shown]
    form = Form(
        title=title,
        action_url=action_url,
        submit_label=gettext("Save rule"),
        cancel_url=cancel_url,
        crumbs=crumbs(),
        errors=written.summary,
        sections=[Section(title=None, fields=shown)],
        hidden=written.hidden,
    )
    return render_template("escalation/edit.html", form=form, is_new=is_new, wrong=written.errors, **_parts(written))


def _parts(written: Written) -> dict[str, Any]:
    draft, subject = written.draft, written.subject
    chosen = {*draft.to, *(one for level in draft.levels for one in level.to)}
    return {
        "subject": offering.subject_name(subject),
        "events": [(one.value, str(saying.EVENT_NAMES[one]), one in draft.events) for one in EVENTS],
        "fields": [(value, label, value in draft.fields) for value, label in offering.fields(subject)],
        "when": _editor(draft.when, written, "when"),
        "until": _editor(draft.until, written, "until"),
        "people": offering.addressees(subject, sorted(chosen)),
        "colleagues": [(value, name) for value, name in offering.colleagues() if value not in chosen],
        "draft": draft,
        "levels": list(zip(draft.levels, _due(draft.levels), strict=True)),
        "deed": written.deed,
        "is_full": len(draft.levels) >= MOST_LEVELS,
        "is_checked": written.is_checked,
        "theirs_of": written.theirs,
        "trial": said(written.trial) if written.trial is not None else None,
    }


def _editor(entered: Sequence[Line], written: Written, name: str) -> dict[str, Any]:
    asked = offering.criteria(written.subject)
    return {
        "is_open": written.deed.startswith(f"{name}-remove"),
        "checked": written.is_checked,
        "lines": [lines.shown(line, asked[line.field]) for line in entered if line.field in asked],
        "fields": [(field, str(criterion.label)) for field, criterion in asked.items()],
        "full": len(entered) >= MOST_TESTS,
        "focus": "last" if written.deed == f"{name}-add" else "",
    }


def _due(levels: Sequence[LevelDraft]) -> list[str]:
    """When each of them would be told if it began now."""
    hours, now = queries.hours() if levels else None, clock.now()
    found = []
    for level in levels:
        moment = None
        if hours is not None and level.minutes is not None:
            asked = [Level(after=level.minutes, telling=Telling(to=()))]
            moment = deadlines.next_moment(hours, now, asked, level=1)
        found.append(i18n.reader().say_moment(moment) if moment else "")
    return found


def rule_page(rule: Rule, *, is_changed: bool, is_tried: bool) -> str:
    is_own = rule.key not in defaults.BY_KEY
    offering.expect(rule.definition.addressees)
    return render_template(
        "escalation/show.html",
        rule=rule,
        rule_id=id_of(rule),
        name=str(rule.name),
        crumbs=crumbs(),
        problem=said_problem(rule),
        sentences=list(saying.sentences(rule.definition)),
        is_own=is_own,
        is_changed=is_changed and not is_own,
        trial=said(trial.run(rule)) if is_tried else None,
    )


def said(found: Trial) -> dict[str, Any]:
    names = dict(offering.colleagues())
    return {
        "summary": _summary(found),
        "latest": [(one.title, one.at, _told(one, names)) for one in found.latest],
        "events": [
            (one.title, one.at, str(saying.EVENT_NAMES[one.event]), str(saying.VERDICTS[verdict]))
            for one, verdict in found.events
        ],
    }


def _summary(found: Trial) -> str:
    if not found.notices:
        return gettext("In the last %(days)d days this rule would have told nobody.", days=trial.DAYS)
    return ngettext(
        "In the last %(days)d days this rule would have told %(num)d person (notifications: %(notices)d).",
        "In the last %(days)d days this rule would have told %(num)d people (notifications: %(notices)d).",
        found.people,
        days=trial.DAYS,
        notices=found.notices,
    )


def _told(one: Told, names: Mapping[str, str]) -> str:
    people = ", ".join(sorted(names.get(f"user:{user_id}", "") for user_id in one.people))
    if one.level:
        return gettext("Level %(level)d: %(people)s", level=one.level, people=people)
    return people


def deadlines_of(record: EntityRef) -> dict[str, Any]:
    """What a record waits for: (who is told next and when, unless what)."""
    found = queries.next_levels(record.id)
    known = {rule.key: rule for rule in queries.active_rules()} if found else {}
    return {
        "deadlines": [
            _waits(known[one.rule], one.level, i18n.reader().say_moment(one.due_at))
            for one in found
            if one.rule in known and one.level <= len(known[one.rule].definition.levels)
        ]
    }


def _waits(rule: Rule, level: int, moment: str) -> tuple[str, str]:
    definition = rule.definition
    subject = features.subject(definition.subject)
    people = offering.named(subject, definition.levels[level - 1].telling.to)
    return (
        gettext("Level %(level)d is told on %(moment)s: %(people)s.", level=level, moment=moment, people=people),
        gettext("Unless this is so by then: %(condition)s.", condition=saying.condition(definition.until, subject)),
    )
