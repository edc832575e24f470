"""The form in which somebody has a new job: what ends with the old one, and what becomes of the work that is open."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext
from sqlalchemy import Row

from app.affiliations import actions, queries
from app.affiliations.models import Affiliation, EndsBeforeItBegan
from app.affiliations.schemas import MOVE, MOVE_SCHEMA
from app.companies.models import Company
from app.contactpoints.models import PointLabel
from app.contacts.models import Contact
from app.core import authorship, forms, i18n, unfinished
from app.core import errors as refusals
from app.core.authorship import Trace
from app.core.entities import EntityRef
from app.core.forms import Errors, FormField, Section
from app.core.unfinished import Fate, Pair
from app.users import queries as users
from tenants import clock

_ENDING = "end-"
"""Before the id of a contact point that ends with the job."""

_FATE = "open-"
"""Before the id of what is still to be done."""


@dataclass(frozen=True, kw_only=True)
class Move:
    values: Mapping[str, Any]
    chosen: Mapping[str, str]
    """What was ticked and chosen besides, by name."""

    errors: Errors = field(default_factory=dict)
    version: str = ""

    @property
    def summary(self) -> list[str]:
        return list(self.errors.get("", ())) or forms.summary(bool(self.errors))


def fresh(affiliation: Affiliation) -> Move:
    """What one is reached by at work ends; whatever is open stays as it is until somebody decides."""
    at_work = [point for point in queries.reached_at(affiliation.contact_id) if point.label is PointLabel.WORK]
    return Move(
        values={"on": clock.today().isoformat()},
        chosen={f"{_ENDING}{point.id}": "1" for point in at_work},
        version=str(affiliation.version),
    )


def sent(affiliation: Affiliation) -> Move:
    values, errors = forms.read(MOVE_SCHEMA)
    version = request.form.get("version", "")
    move = Move(values=values, chosen=request.form.to_dict(), errors=errors, version=version)
    if version == str(affiliation.version) or affiliation.until is None:
        return move if _heir(move) or not _handed(move) else _without_heir(move)
    # Sent again in the knowledge of it, it goes on.
    return replace(move, errors={**errors, "": [_ended(affiliation)]}, version=str(affiliation.version))


def is_done_already(affiliation: Affiliation, move: Move) -> bool:
    """The same was sent before."""
    if affiliation.until is None or not set(move.errors) <= {""}:
        return False
    on = date.fromisoformat(move.values["on"])
    return queries.works_at(affiliation.contact_id, move.values["company"], since=on)


def carry_out(affiliation: Affiliation, move: Move) -> Move:
    """Answers what was wrong with it, where it was not done."""
    chosen = move.chosen
    points = queries.reached_at(affiliation.contact_id)
    ending = [point.id for point in points if f"{_ENDING}{point.id}" in chosen]
    on, company, role = date.fromisoformat(move.values["on"]), move.values["company"], move.values["role"] or ""
    try:
        actions.move(affiliation, company=company, role=role, on=on, ending=ending)
    except EndsBeforeItBegan as refusal:
        return replace(move, errors={"on": [refusals.say(refusal)]})
    unfinished.decide(_pair(affiliation), _fates(chosen), heir=_heir(move))
    return move


def title(contact: Contact, company: Company) -> str:
    return gettext("%(name)s has left %(company)s", name=contact.display_name, company=company.name)


def sections(affiliation: Affiliation, contact: Contact, company: Company, move: Move) -> list[Section]:
    ends = [_ending(point, move) for point in queries.reached_at(contact.id)]
    open_ones = [_fate(row, contact, company, move) for row in unfinished.between(_pair(affiliation))]
    found = [Section(title=None, fields=forms.shown(MOVE, move.values, move.errors))]
    if ends:
        found.append(Section(title=gettext("What no longer reaches %(name)s", name=contact.display_name), fields=ends))
    if open_ones:
        found.append(Section(title=gettext("What is still to be done"), fields=[*open_ones, _heir_field(move)]))
    return found


def _ending(point: Row[Any], move: Move) -> FormField:
    name = f"{_ENDING}{point.id}"
    return FormField(name=name, label=point.value, kind="checkbox", value=move.chosen.get(name, ""))


def _fate(row: Row[Any], contact: Contact, company: Company, move: Move) -> FormField:
    name = f"{_FATE}{row.id}"
    return FormField(
        name=name,
        label=row.title,
        kind="select",
        value=move.chosen.get(name, ""),
        help=gettext("due %(day)s", day=i18n.say_day(row.due)) if row.due else "",
        options=[
            (Fate.AS_IT_IS, gettext("stays as it is, with both")),
            (Fate.WITH_FIRST, gettext("stays with %(name)s only", name=contact.display_name)),
            (Fate.WITH_SECOND, gettext("stays with %(name)s only", name=company.name)),
            (Fate.HANDED_OVER, gettext("is handed over to a colleague")),
        ],
    )


def _heir_field(move: Move) -> FormField:
    return FormField(
        name="heir",
        label=gettext("Colleague who takes over"),
        kind="select",
        value=move.chosen.get("heir", ""),
        errors=move.errors.get("heir", ()),
        options=[("", gettext("nobody for now")), *((str(user_id), name) for user_id, name in users.offered())],
    )


def _pair(affiliation: Affiliation) -> Pair:
    return Pair(EntityRef("contact", affiliation.contact_id), EntityRef("company", affiliation.company_id))


def _fates(chosen: Mapping[str, str]) -> Mapping[UUID, Fate]:
    found = {}
    for name, fate in chosen.items():
        if name.startswith(_FATE):
            with suppress(ValueError):
                found[UUID(name.removeprefix(_FATE))] = Fate(fate)
    return found


def _handed(move: Move) -> bool:
    return Fate.HANDED_OVER in _fates(move.chosen).values()


def _heir(move: Move) -> UUID | None:
    chosen = move.chosen.get("heir", "")
    return next((one.id for one in users.active() if str(one.id) == chosen), None) if chosen else None


def _without_heir(move: Move) -> Move:
    return replace(move, errors={**move.errors, "heir": [gettext("Please choose who takes over.")]})


def _ended(affiliation: Affiliation) -> str:
    """Who was quicker."""
    author = authorship.last_authors({"until": Trace(affiliation.id, ("until",))}).get("until")
    day = i18n.say_day(affiliation.until) if affiliation.until else ""
    if author is None or not author.who:
        return gettext("This job has been ended meanwhile, as of %(day)s. Saving adds the new one only.", day=day)
    return gettext(
        "%(who)s has ended this job meanwhile, as of %(day)s. Saving adds the new one only.", who=author.who, day=day
    )
