"""Rules and business hours change; deadlines that run follow at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core import records
from app.escalation import catching_up, deadlines, defaults, queries, rules
from app.escalation.hours import Minutes
from app.escalation.models import BusinessHours, StoredRule
from app.escalation.rules import Definition
from tenants import clock
from tenants.db import db, new_id
from tenants.errors import Conflict, NotFound

HOURS_ID = UUID("5a0b8a4e-6f0b-4f0e-9d55-3f6f2d1f7c11")
"""Of the one row of business hours: known before there is one, so that two make it once."""


class TooManyRules(Conflict):
    """There are as many rules as a firm can have. Please delete one first."""

    code = "too_many_rules"


def add_rule(*, name: str, definition: Definition, active: bool) -> UUID:
    """Raises TooManyRules."""
    if queries.own_rules() >= queries.MOST_RULES - len(defaults.BY_KEY):
        raise TooManyRules
    added = StoredRule(id=new_id(), name=name, active=active, definition=rules.dump(definition))
    db.session.add(added)
    catching_up.begin(queries.as_rule(added))
    return added.id


def rule_to_change(rule_id: UUID) -> StoredRule:
    """Locked until the end of the request. One that everybody starts with gets a row of this firm now.

    Raises NotFound.
    """
    if rule_id not in defaults.BY_ID:
        return records.load_to_change(StoredRule, rule_id)
    start = defaults.BY_ID[rule_id]
    fresh = {"name": "", "active": start.active, "definition": rules.dump(start.definition), "problem": None}
    now = clock.now()
    added = {"id": rule_id, "created_at": now, "updated_at": now, "version": 1, "replaces": start.key, **fresh}
    db.session.execute(insert(StoredRule).values(added).on_conflict_do_nothing())
    found = db.session.scalar(select(StoredRule).where(StoredRule.id == rule_id).with_for_update())
    if found is None:
        raise NotFound
    if found.deleted_at is not None:
        # It was brought back to what it was; it begins from there.
        for column, value in {**fresh, "deleted_at": None}.items():
            setattr(found, column, value)
        db.session.flush()
    return found


def change_rule(rule: StoredRule, *, name: str, definition: Definition) -> None:
    start = defaults.BY_KEY.get(rule.replaces or "")
    rule.name = "" if start is not None and name == str(start.name) else name
    rule.definition = rules.dump(definition)
    deadlines.recompute()
    catching_up.begin(queries.as_rule(rule))


def switch_on(rule: StoredRule) -> None:
    """Raises UnreadableRule, UnreadableCondition."""
    rules.parse(rule.definition)
    rule.active, rule.problem = True, None
    catching_up.begin(queries.as_rule(rule))


def switch_off(rule: StoredRule) -> None:
    rule.active = False


def delete_rule(rule_id: UUID) -> StoredRule:
    """Into the recycle bin; in the place of one that everybody starts with stands what it was.

    Raises NotFound.
    """
    rule = records.load_to_change(StoredRule, rule_id)
    records.discard(rule)
    deadlines.recompute()
    if rule_id in defaults.BY_ID:
        catching_up.begin(defaults.BY_ID[rule_id])
    return rule


def take_back(rule_id: UUID) -> None:
    """Raises NotFound."""
    rule = records.take_back(StoredRule, rule_id)
    deadlines.recompute()
    catching_up.begin(queries.as_rule(rule))


def hours_to_change(_id: UUID) -> BusinessHours:
    """Locked until the end of the request; where nobody has said anything yet, as they are without."""
    found = db.session.scalar(queries.STORED_HOURS.with_for_update())
    if found is not None:
        return found
    now, usual = clock.now(), queries.stored_hours()
    added = {"week": usual.week, "region": usual.region, "exceptions": usual.exceptions}
    row = {"id": HOURS_ID, "created_at": now, "updated_at": now, "version": 1, **added}
    db.session.execute(insert(BusinessHours).values(row).on_conflict_do_nothing())
    return db.session.execute(queries.STORED_HOURS.with_for_update()).scalar_one()


def change_hours(
    stored: BusinessHours, *, week: list[Minutes], region: str, exceptions: Mapping[date, Minutes]
) -> None:
    stored.week = [[list(span) for span in day] for day in week]
    stored.region = region
    stored.exceptions = {day.isoformat(): [list(span) for span in spans] for day, spans in sorted(exceptions.items())}
    deadlines.recompute()
