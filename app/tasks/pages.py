"""What the pages of tasks show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Row

from app.activities import due, mentions, telling
from app.activities.models import Activity
from app.core import access
from app.core.editing import Entered
from app.core.forms import Form, Section
from app.tasks import entering, queries
from app.tasks.queries import State
from app.tasks.schemas import REPEATS, TEXT
from app.users import queries as users
from app.users.models import User
from tenants import clock
from tenants.context import current_actor
from tenants.db import db

EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which tasks somebody wants to see."""

    state: State
    who: str
    """A user's id, or everybody."""

    after: UUID | None

    @property
    def assignee_id(self) -> UUID | None:
        return None if self.who == EVERYBODY else UUID(self.who)

    def url(self, *, state: State | None = None, after: UUID | None = None) -> str:
        return url_for("tasks.index", state=str(state or self.state), who=self.who, after=after)


def asked() -> Asked:
    """What makes no sense is left out: one's own open tasks are shown then."""
    state, who = request.args.get("state", ""), request.args.get("who", type=UUID)
    return Asked(
        state=State(state) if state in set(State) else State.OPEN,
        who=EVERYBODY if request.args.get("who") == EVERYBODY else str(who or current_actor().user_id),
        after=request.args.get("after", type=UUID),
    )


def list_page(wanted: Asked, entered: Entered) -> str:
    found = queries.page(wanted.state, assignee_id=wanted.assignee_id, after=wanted.after)
    rows = found[: queries.PAGE]
    may_write, own = access.may("tasks.write"), str(current_actor().user_id)
    fields = entering.fields(entered) if may_write else []
    page = {
        "groups": _groups(wanted, rows),
        "state": wanted.state,
        "who": wanted.who,
        "people": [(own, gettext("Mine")), (EVERYBODY, gettext("Everybody's")), *_others(own)],
        "segments": [(label, wanted.url(state=state), state == wanted.state) for state, label in _states()],
        "next_url": wanted.url(after=rows[-1].id) if len(found) > queries.PAGE else None,
        "text": entered.shown((TEXT,))[0],
        "fields": fields,
        "may_write": may_write,
        "may_delete": access.may("tasks.delete"),
        "empty": _empty(wanted),
    }
    return render_template("tasks/index.html", page=page)


def new_page(entered: Entered) -> str:
    """The form alone, for whoever comes from "+"."""
    form = Form(
        title=gettext("New task"),
        action_url=url_for("tasks.enter"),
        submit_label=gettext("Save task"),
        cancel_url=url_for("tasks.index"),
        crumbs=[(gettext("Tasks"), url_for("tasks.index"))],
        errors=entered.summary,
        sections=[Section(title=None, fields=[*entered.shown((TEXT,)), *entering.fields(entered)])],
    )
    return render_template("core/form.html", form=form)


def edit_page(task: Activity, entered: Entered, *, back: str) -> str:
    present = db.session.get(User, task.assignee_id) if task.assignee_id else None
    details = entering.fields(entered, present=(present.id, present.name) if present else None)
    form = Form(
        title=gettext("Edit task"),
        action_url=url_for("tasks.save", task_id=task.id),
        submit_label=gettext("Save changes"),
        cancel_url=url_for("tasks.index"),
        crumbs=[(gettext("Tasks"), url_for("tasks.index"))],
        errors=entered.summary,
        sections=[Section(title=None, fields=[*entered.shown((TEXT,)), *details])],
        hidden={**entered.hidden, "back": back},
    )
    ways = {
        "links_url": url_for("activities.links", activity_id=task.id),
        "delete_url": url_for("tasks.delete", task_id=task.id),
        "may_delete": access.may("tasks.delete"),
    }
    return render_template("activities/edit.html", form=form, **ways)


def who_did(task: Activity) -> str:
    """Who has ticked it off."""
    known = users.names([task.done_by_id]) if task.done_by_id else {}
    return next(iter(known.values()), "Kontor")


def _others(own: str) -> list[tuple[str, str]]:
    return [(str(user_id), name) for user_id, name in entering.people() if str(user_id) != own]


def _states() -> list[tuple[State, str]]:
    return [
        (State.OPEN, gettext("To do")),
        (State.DONE, gettext("Ticked off")),
        (State.DELETED, gettext("Recycle bin")),
    ]


def _groups(wanted: Asked, rows: Sequence[Row[Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(heading, tasks); what is open lies in groups by when it is due."""
    today = clock.today()
    known = telling.subjects({(row.subject_kind, row.subject_id) for row in rows if row.subject_id})
    if wanted.state is not State.OPEN:
        return [("", [_shown(row, known, today) for row in rows])] if rows else []
    ends = list(_ends(today))
    grouped = groupby(rows, key=lambda row: _group(row.due_on, ends))
    return [(heading, [_shown(row, known, today) for row in own]) for heading, own in grouped]


def _ends(today: date) -> Iterator[tuple[date, str]]:
    """(the first day that is no longer meant, heading)"""
    yield today, gettext("Overdue")
    yield today + timedelta(days=1), gettext("Today")
    yield today + timedelta(days=7 - today.weekday()), gettext("This week")
    yield date.max, gettext("Later")


def _group(day: date | None, ends: Sequence[tuple[date, str]]) -> str:
    if day is None:
        return gettext("No date")
    return next(heading for end, heading in ends if day < end)


def _shown(row: Row[Any], known: Mapping[telling.Subject, telling.Way], today: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": mentions.emphasised(row.body, row.named or ()),
        "due": due.said(row.due_on, row.due_time, today=today) if row.due_on else "",
        "overdue": row.done_at is None and row.due_on is not None and row.due_on < today,
        "repeats": str(dict(REPEATS).get(row.repeats, "")),
        "assignee": row.assignee,
        "subject": known.get((row.subject_kind, row.subject_id)),
        "done_at": row.done_at,
    }


def _empty(wanted: Asked) -> tuple[str, str]:
    match wanted.state:
        case State.OPEN:
            return gettext("Nothing to do"), gettext("Write above what is to be done, by when and by whom.")
        case State.DONE:
            return gettext("Nothing is done yet"), gettext("What is ticked off appears here, the latest first.")
        case State.DELETED:
            return gettext("The recycle bin is empty"), gettext("What you delete stays here until you restore it.")
