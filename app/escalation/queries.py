from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Uuid, bindparam, func, select

from app.core.conditions import UnreadableCondition
from app.escalation import defaults, rules
from app.escalation.hours import NINE_TO_FIVE, Hours, UnreadableHours, from_stored
from app.escalation.matching import People
from app.escalation.models import BusinessHours, Deadline, StoredRule
from app.escalation.rules import Definition, Rule, UnreadableRule
from app.following import queries as following
from app.users.models import User
from tenants import clock
from tenants.context import current_scope
from tenants.db import db, rows
from tenants.errors import NotFound

MOST_RULES = 200
MOST_USERS = 5000

_RULES = (
    select(StoredRule.id, StoredRule.name, StoredRule.replaces, StoredRule.active, StoredRule.definition)
    .add_columns(StoredRule.problem)
    .where(StoredRule.deleted_at.is_(None))
    .order_by(StoredRule.created_at, StoredRule.id)
    .limit(MOST_RULES)
)
_RULE = _RULES.where(StoredRule.id == bindparam("rule_id", type_=Uuid))
_OWN = select(func.count()).where(StoredRule.deleted_at.is_(None))
_USERS = select(User.id, User.role).where(User.active, User.deleted_at.is_(None)).limit(MOST_USERS)
STORED_HOURS = select(BusinessHours).order_by(BusinessHours.created_at).limit(1)
_HOURS = select(BusinessHours.week, BusinessHours.region, BusinessHours.exceptions).limit(1)
_RUNNING = (
    select(Deadline.id, Deadline.rule, Deadline.began_at, Deadline.level, Deadline.due_at)
    .where(Deadline.id > bindparam("after", type_=Uuid))
    .order_by(Deadline.id)
    .limit(bindparam("limit", type_=Integer))
)
_NEXT_LEVELS = (
    select(Deadline.rule, Deadline.level, Deadline.due_at)
    .where(Deadline.record_id == bindparam("record_id", type_=Uuid), Deadline.due_at.is_not(None))
    .order_by(Deadline.due_at)
    .limit(10)
)


def all_rules() -> Sequence[Rule]:
    """Those that everybody starts with, as this firm has them, then its own."""
    stored = rows(_RULES)
    replaced = {row.replaces: _rule(row) for row in stored if row.replaces in defaults.BY_KEY}
    own = [_rule(row) for row in stored if row.replaces is None]
    return [*(replaced.get(key, rule) for key, rule in defaults.BY_KEY.items()), *own]


def rule(rule_id: UUID) -> tuple[Rule, bool]:
    """A rule, and whether the firm has a row of it; one of its own always has.

    Raises NotFound.
    """
    stored = rows(_RULE, {"rule_id": rule_id})
    if stored:
        return _rule(stored[0]), True
    if rule_id not in defaults.BY_ID:
        raise NotFound
    return defaults.BY_ID[rule_id], False


def own_rules() -> int:
    return int(rows(_OWN)[0][0])


def active_rules() -> Sequence[Rule]:
    return [rule for rule in all_rules() if rule.active]


def stored_rule(rule_id: UUID) -> StoredRule:
    """The row of a rule; of one that everybody starts with and nobody has changed, what would stand there.

    Raises NotFound.
    """
    start = defaults.BY_ID.get(rule_id)
    found = db.session.get(StoredRule, rule_id)
    if found is not None and found.deleted_at is None:
        return found
    if start is None:
        raise NotFound
    version = found.version if found is not None else 0
    fresh = {"replaces": start.key, "active": start.active, "definition": rules.dump(start.definition)}
    return StoredRule(id=rule_id, name="", version=version, **fresh)


def as_rule(stored: StoredRule) -> Rule:
    return _rule(stored)


def _rule(row: Row[Any] | StoredRule) -> Rule:
    """What can no longer be read is switched off, and says so: one rule shall not hold up all others."""
    name = row.name or (defaults.BY_KEY[row.replaces].name if row.replaces else "")
    key = row.replaces or str(row.id)
    try:
        found = rules.parse(row.definition)
        return Rule(key=key, name=name, definition=found, active=row.active, problem=row.problem or "")
    except (UnreadableRule, UnreadableCondition) as error:
        written = row.definition if isinstance(row.definition, dict) else {}
        nothing = Definition(subject=str(written.get("subject", "")))
        return Rule(key=key, name=name, definition=nothing, active=False, problem=error.code)


def people(record_ids: Collection[UUID]) -> People:
    return People(
        roles={row.id: row.role for row in rows(_USERS)},
        followers=following.followers_of_many(record_ids),
    )


def hours() -> Hours:
    """Nine to five on working days, in the tenant's country, where nobody has said anything else."""
    row = db.session.execute(_HOURS).one_or_none()
    return usual_hours() if row is None else hours_of(row)


def hours_of(row: Row[*tuple[Any, ...]] | BusinessHours) -> Hours:
    """The usual ones where those that are stored make no sense: nobody's forwarding stands still for it."""
    try:
        return read_hours(row)
    except UnreadableHours:
        return usual_hours()


def read_hours(row: Row[*tuple[Any, ...]] | BusinessHours) -> Hours:
    """Raises UnreadableHours."""
    return from_stored(week=row.week, region=row.region, exceptions=row.exceptions, zone=clock.zone())


def usual_hours() -> Hours:
    return Hours(zone=clock.zone(), week=NINE_TO_FIVE, region=current_scope().country)


def stored_hours() -> BusinessHours:
    """The row of the firm's hours, or what would stand there."""
    usual = usual_hours()
    week = [[list(span) for span in day] for day in usual.week]
    found = db.session.scalar(STORED_HOURS)
    return found or BusinessHours(week=week, region=usual.region, exceptions={}, version=0)


def are_hours_readable() -> bool:
    """Whether what the firm has said of its hours, if anything, is what deadlines are reckoned by."""
    found = db.session.scalar(STORED_HOURS)
    try:
        return found is None or bool(read_hours(found))
    except UnreadableHours:
        return False


def deadlines_of(record_ids: Collection[UUID]) -> Mapping[tuple[str, UUID], Row[Any]]:
    found = rows(select(Deadline.id, Deadline.rule, Deadline.record_id).where(Deadline.record_id.in_(record_ids)))
    return {(row.rule, row.record_id): row for row in found}


def running(after: UUID, *, limit: int) -> Sequence[Row[Any]]:
    """Deadlines behind an id, in the order of their ids."""
    return rows(_RUNNING, {"after": after, "limit": limit})


def next_levels(record_id: UUID) -> Sequence[Row[Any]]:
    """(rule, level, due_at) of what still runs for a record, the next first."""
    return rows(_NEXT_LEVELS, {"record_id": record_id})


def due(now: datetime, *, limit: int) -> Sequence[Deadline]:
    """Deadlines that have passed, locked; those that another worker has are left out."""
    query = select(Deadline).where(Deadline.due_at <= now).order_by(Deadline.due_at).limit(limit)
    return db.session.scalars(query.with_for_update(skip_locked=True)).all()


def next_deadline() -> datetime | None:
    query = select(Deadline.due_at).where(Deadline.due_at.is_not(None)).order_by(Deadline.due_at).limit(1)
    return db.session.scalar(query)
