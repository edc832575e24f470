from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import editing, forms, frame
from app.core.editing import EditForm, Entered, Texts
from app.core.features import features
from app.core.fields import FieldSchema, problems
from app.core.forms import Errors
from app.core.subjects import Subject
from app.core.web import Room
from app.escalation import actions, defaults, drafting, offering, pages, queries, saying, trial
from app.escalation.drafting import Draft
from app.escalation.models import StoredRule
from app.escalation.pages import Written
from app.escalation.rules import Rule
from tenants.errors import NotFound

bp = Room("rules", __name__)


@bp.get("/rules", allow="rules.manage")
def index() -> ResponseReturnValue:
    return render_template("escalation/index.html", rules=pages.listed())


@bp.get("/rules/new", allow="rules.manage")
def new() -> ResponseReturnValue:
    if "subject" not in request.args:
        return render_template("escalation/new.html", crumbs=pages.crumbs(), subjects=pages.subjects())
    subject = _subject(request.args["subject"])
    return _new_page(Written(draft=Draft(), subject=subject))


@bp.post("/rules/new", allow="rules.manage")
def create() -> ResponseReturnValue:
    subject = _subject(request.form.get("subject") or pages.ANYTHING)
    values, wrong = _read(subject, drafting.SCHEMA)
    if wrong or _deed():
        return _new_page(_in_work(subject, wrong)), HTTPStatus.UNPROCESSABLE_ENTITY
    definition = drafting.definition_of(values, subject)
    rule_id = actions.add_rule(name=values["name"], definition=definition, active="active" in request.form)
    return _to(rule_id)


@bp.get("/rules/<uuid:rule_id>", allow="rules.manage")
def show(rule_id: UUID) -> ResponseReturnValue:
    rule, is_stored = queries.rule(rule_id)
    return pages.rule_page(rule, is_changed=is_stored, is_tried="trial" in request.args)


@bp.get("/rules/<uuid:rule_id>/edit", allow="rules.manage")
def edit(rule_id: UUID) -> ResponseReturnValue:
    rule, subject = _known(rule_id)
    entered = _form(subject).show(queries.stored_rule(rule_id))
    draft = drafting.of(str(rule.name), rule.definition)
    return _edit_page(rule_id, Written(draft=draft, subject=subject, hidden=entered.hidden))


@bp.post("/rules/<uuid:rule_id>/edit", allow="rules.manage")
def save(rule_id: UUID) -> ResponseReturnValue:
    _, subject = _known(rule_id)
    if _deed():
        version, seen = editing.carried()
        written = _in_work(subject, {}, hidden={"version": version, "seen": seen})
        return _edit_page(rule_id, written), HTTPStatus.UNPROCESSABLE_ENTITY
    rule, entered = _form(subject).receive(rule_id)
    if entered.is_accepted:
        draft = drafting.judged(drafting.of_texts(entered.values), subject)
        entered = entered.refused(drafting.problems(draft, subject))
    if not entered.is_accepted:
        return _edit_page(rule_id, _refused(entered, subject)), entered.status
    definition = drafting.definition_of(entered.values, subject)
    actions.change_rule(rule, name=entered.values["name"], definition=definition)
    return _to(rule_id)


@bp.post("/rules/<uuid:rule_id>/on", allow="rules.manage")
def switch_on(rule_id: UUID) -> ResponseReturnValue:
    actions.switch_on(actions.rule_to_change(rule_id))
    return _back(rule_id)


@bp.post("/rules/<uuid:rule_id>/off", allow="rules.manage")
def switch_off(rule_id: UUID) -> ResponseReturnValue:
    actions.switch_off(actions.rule_to_change(rule_id))
    return _back(rule_id)


@bp.post("/rules/<uuid:rule_id>/delete", allow="rules.manage")
def delete(rule_id: UUID) -> ResponseReturnValue:
    rule = actions.delete_rule(rule_id)
    undo_url = url_for("rules.restore", rule_id=rule_id)
    if rule_id in defaults.BY_ID:
        name = str(defaults.BY_ID[rule_id].name)
        frame.notify(gettext("The rule “%(rule)s” is again as it was.", rule=name), undo_url=undo_url)
        return _to(rule_id)
    frame.notify(gettext("The rule “%(rule)s” is deleted.", rule=rule.name), undo_url=undo_url)
    return flask.redirect(url_for("rules.index"), HTTPStatus.SEE_OTHER)


@bp.post("/rules/<uuid:rule_id>/restore", allow="rules.manage")
def restore(rule_id: UUID) -> ResponseReturnValue:
    actions.take_back(rule_id)
    return _to(rule_id)


def _known(rule_id: UUID) -> tuple[Rule, Subject | None]:
    rule, _ = queries.rule(rule_id)
    return rule, features.subject(rule.definition.subject)


def _subject(name: str) -> Subject | None:
    """Raises NotFound."""
    subject = features.subject(name)
    if subject is None and name != pages.ANYTHING:
        raise NotFound
    return subject


def _deed() -> str:
    """What else than saving a button asks for."""
    return request.form.get("do", "")


def _form(subject: Subject | None) -> EditForm[StoredRule]:
    parts = ("events", "fields", "when", "to", "mail", "each", "until", "levels")
    return EditForm(
        load=actions.rule_to_change,
        schema=drafting.SCHEMA,
        texts=_texts,
        columns={"name": ("name",), **dict.fromkeys(parts, ("definition",))},
        say={name: partial(_said, subject, name) for name in parts},
        read=partial(_read, subject),
    )


def _texts(stored: StoredRule) -> Texts:
    rule = queries.as_rule(stored)
    return drafting.texts(drafting.of(str(rule.name), rule.definition))


def _read(subject: Subject | None, schema: FieldSchema) -> tuple[dict[str, Any], Errors]:
    draft = drafting.judged(drafting.typed(request.form, subject), subject)
    values: dict[str, Any] = {name: text or None for name, text in drafting.texts(draft).items()}
    return values, {**problems(schema.described, values), **drafting.problems(draft, subject)}


def _said(subject: Subject | None, name: str, text: str) -> str:
    """What somebody else has saved, in words."""
    draft = drafting.of_texts({**dict.fromkeys(drafting.texts(Draft()), ""), name: text})
    match name:
        case "events":
            return saying.events(saying.known_events(draft.events))
        case "fields":
            return saying.fields(draft.fields, subject)
        case "when" | "until":
            return saying.condition(drafting.condition_of(text), subject)
        case "to":
            return offering.named(subject, draft.to)
        case "levels":
            return saying.levels(drafting.levels_of(draft), subject)
        case _:
            return gettext("By mail too")


def _in_work(subject: Subject | None, wrong: Errors, *, hidden: Texts | None = None) -> Written:
    """While somebody still writes: with what was asked for, or what is wrong."""
    deed, draft = _deed(), drafting.typed(request.form, subject)
    kept, is_checked = hidden or {}, deed in ("", "try")
    if not is_checked:
        stepped = drafting.stepped(draft, deed, request.form, subject)
        return Written(draft=stepped, subject=subject, hidden=kept, deed=deed)
    judged = drafting.judged(draft, subject)
    found = wrong or drafting.problems(judged, subject)
    definition = None if found else drafting.definition_of(drafting.texts(judged), subject)
    return Written(
        draft=judged,
        subject=subject,
        errors=found,
        summary=forms.summary(bool(found)),
        hidden=kept,
        is_checked=True,
        deed=deed,
        trial=trial.run(Rule(key="", name="", definition=definition)) if definition else None,
    )


def _refused(entered: Entered, subject: Subject | None) -> Written:
    draft = drafting.typed(request.form, subject) if entered.errors else drafting.of_texts(entered.values)
    return Written(
        draft=drafting.judged(draft, subject),
        subject=subject,
        errors=entered.errors,
        theirs=entered.theirs,
        hidden=entered.hidden,
        summary=entered.summary,
        is_checked=True,
    )


def _new_page(written: Written) -> str:
    name = pages.name_of(written.subject) or pages.ANYTHING
    written = pages.with_hidden(written, {"subject": name})
    title = gettext("New rule: %(subject)s", subject=offering.subject_name(written.subject))
    return pages.form_page(
        written, title=title, action_url=url_for("rules.create"), cancel_url=url_for("rules.index"), is_new=True
    )


def _edit_page(rule_id: UUID, written: Written) -> str:
    title = gettext("Change the rule “%(rule)s”", rule=written.draft.name)
    back = url_for("rules.show", rule_id=rule_id)
    return pages.form_page(written, title=title, action_url=request.path, cancel_url=back)


def _to(rule_id: UUID) -> ResponseReturnValue:
    return flask.redirect(url_for("rules.show", rule_id=rule_id), HTTPStatus.SEE_OTHER)


def _back(rule_id: UUID) -> ResponseReturnValue:
    """To where the switch stands."""
    if request.form.get("from") == "list":
        return flask.redirect(url_for("rules.index"), HTTPStatus.SEE_OTHER)
    return _to(rule_id)
