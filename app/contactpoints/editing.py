"""The form of a record that people can be reached through: its own fields and its contact points, new and
changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Row

from app.contactpoints import alike, queries
from app.contactpoints import forms as points
from app.contactpoints.alike import Question
from app.contactpoints.drafts import Draft
from app.contactpoints.entered import Entered, kept
from app.core import editing, frame, records
from app.core import forms as core_forms
from app.core.entities import EntityType, NewRecord, entity_types, new_record, write_beside
from app.core.fields import Field, Text, Values, schema_of
from app.core.forms import Form, Section
from app.core.records import Loaded
from tenants.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Editor:
    """Makes the four answers of such a form; what is added or changed, the feature's own actions do."""

    entity: EntityType
    new_title: Text
    saved: Text
    add: Callable[[NewRecord, Sequence[Draft]], UUID]
    change: Callable[[UUID, Values, Sequence[tuple[UUID | None, Draft]]], None]
    key: alike.Key

    def show_new(self) -> ResponseReturnValue:
        given = {name: request.args[name] for name in request.args}
        return self._page(Entered(values=given, rows=points.fresh()), None)

    def create(self) -> ResponseReturnValue:
        entered = self._free(self._sent(self._new_fields()))
        if not entered.complete:
            return self._page(entered, None), HTTPStatus.UNPROCESSABLE_ENTITY
        drafts = [draft for _, draft in points.drafts(entered.rows)]
        question = alike.asked(self.entity, entered.values, drafts, key=self.key)
        if question.records:
            return self._page(entered, None, question), HTTPStatus.CONFLICT
        record_id = self.add(new_record(self.entity, entered.values), drafts)
        write_beside(self.entity, [(record_id, entered.values)])
        frame.notify(str(self.saved))
        return self._to(record_id)

    def show(self, record: Loaded) -> ResponseReturnValue:
        saved = self._saved(record)
        return self._page(saved if saved.rows else replace(saved, rows=points.fresh()), record)

    def save(self, record_id: UUID) -> ResponseReturnValue:
        entered = self._free(self._sent(self.entity.fields), record_id)
        if not entered.complete:
            return self._page(entered, records.load(self.entity.model, record_id)), HTTPStatus.UNPROCESSABLE_ENTITY
        record: Loaded
        try:
            record, entered = self._meeting(record_id, entered)
        except NotFound:
            record = records.load_discarded(self.entity.model, record_id)
            entered = replace(entered, reproach=editing.thrown_away(record_id))
        if entered.is_disputed:
            return self._page(entered, record), HTTPStatus.CONFLICT
        self.change(record_id, entered.values, points.drafts(entered.rows))
        for extension in entity_types.extensions(self.entity):
            extension.changed(record_id)
        return self._to(record_id)

    def _meeting(self, record_id: UUID, entered: Entered) -> tuple[Row[Any], Entered]:
        """The record, locked, and what is to be saved; what somebody else saved since is in it or disputed."""
        record = records.read_to_change(self.entity.model, record_id)
        if asked := editing.choices():
            entered = entered.with_choices(self._saved(record), asked)
        if entered.version == str(record.version):
            return record, entered
        entered, news = entered.merged_with(self._saved(record), self.entity.fields, record.id)
        if not entered.is_disputed:
            news.tell()
        return record, entered

    def _saved(self, record: Loaded) -> Entered:
        values = {one.name: getattr(record, one.name) for one in self.entity.fields}
        rows = points.of_points(queries.shown_points(self.entity.name, record.id))
        return Entered(values=values, rows=rows, version=str(record.version), seen=kept(values, rows))

    def _new_fields(self) -> tuple[Field, ...]:
        added = [one for extension in entity_types.extensions(self.entity) for one in extension.fields]
        return (*self.entity.fields, *added)

    def _sent(self, described: tuple[Field, ...]) -> Entered:
        values, problems = core_forms.read(schema_of(described, rule=self.entity.rule))
        adds_row = "add_point" in request.form
        rows = points.read(request.form)
        version, seen = editing.carried()
        return Entered(
            values=request.form if adds_row else values,
            rows=rows if adds_row else points.checked(rows),
            version=version,
            seen=seen,
            problems={} if adds_row else problems,
            adds_row=adds_row,
        )

    def _free(self, entered: Entered, record_id: UUID | None = None) -> Entered:
        """With a problem where another record has what no two may share."""
        unique = self.entity.unique
        if unique is None or not entered.complete:
            return entered
        if not records.is_taken(self.entity, entered.values, by_other_than=record_id):
            return entered
        return replace(entered, problems={unique: [gettext("Another record has this number already.")]})

    def _page(self, entered: Entered, record: Loaded | None, question: Question | None = None) -> str:
        described = self._new_fields() if record is None else self.entity.fields
        shown = core_forms.shown(described, entered.values, entered.problems, theirs=entered.theirs)
        form = self._form(record, sections=[Section(title=None, fields=shown)])
        form.points = points.shown(entered.rows)
        if question is not None:
            form.alike, form.hidden, form.submit_label = question.records, question.hidden, gettext("Save all the same")
        if record is not None:
            form.hidden = {"version": entered.version, "seen": entered.seen}
        form.errors = core_forms.summary(not entered.complete and not entered.adds_row)
        if entered.is_disputed:
            form.errors = [entered.reproach]
        return render_template("core/form.html", form=form)

    def _form(self, record: Loaded | None, *, sections: Sequence[Section]) -> Form:
        entity = self.entity
        crumbs: list[tuple[str, str | None]] = [(str(entity.plural), url_for(entity.list_endpoint))]
        if record is None:
            back, title, label = url_for(entity.list_endpoint), str(self.new_title), gettext("Save")
        else:
            back, name = self._address(record.id), getattr(record, entity.title)
            title, label = gettext("Edit %(name)s", name=name), gettext("Save changes")
            crumbs.append((name, back))
        return Form(
            title=title,
            action_url=request.path,
            submit_label=label,
            cancel_url=back,
            crumbs=crumbs,
            sections=sections,
        )

    def _to(self, record_id: UUID) -> ResponseReturnValue:
        return flask.redirect(self._address(record_id), HTTPStatus.SEE_OTHER)

    def _address(self, record_id: UUID) -> str:
        return url_for(self.entity.endpoint, record_id=record_id)
