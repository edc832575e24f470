from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, func, select

from app.core.conditions import UnreadableCondition
from app.escalation import defaults, rules
from app.escalation.hours import NINE_TO_FIVE, Hours
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
_HOURS = select(BusinessHours.week, BusinessHours.region, BusinessHours.exceptions).limit(1)


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


def _rule(row: Row[Any]) -> Rule:
    """What can no longer be read is switched off, and says so: one rule shall not hold up all others."""
    name = row.name or (defaults.BY_KEY[row.replaces].name if row.replaces else "")
    key = row.replaces or str(row.id)
    try:
        found = rules.parse(row.definition)
        return Rule(key=key, name=name, definition=found, active=row.active, problem=row.problem or "")
    except (UnreadableRule, UnreadableCondition) as error:
        nothing = Definition(subject=str(row.definition.get("subject", "")))
        return Rule(key=key, name=name, definition=nothing, active=False, problem=error.code)


def people(record_ids: Collection[UUID]) -> People:
    return People(
        roles={row.id: row.role for row in rows(_USERS)},
        followers=following.followers_of_many(record_ids),
    )


def hours() -> Hours:
    """Nine to five on working days, in the tenant's country, where nobody has said anything else."""
    row = db.session.execute(_HOURS).one_or_none()
    if row is None:
        return Hours(zone=clock.zone(), week=NINE_TO_FIVE, region=current_scope().country)
    exceptions = {date.fromisoformat(day): minutes for day, minutes in row.exceptions.items()}
    return Hours(zone=clock.zone(), week=row.week, region=row.region, exceptions=exceptions)


def deadlines_of(record_ids: Collection[UUID]) -> Mapping[tuple[str, UUID], Row[Any]]:
    found = rows(select(Deadline.id, Deadline.rule, Deadline.record_id).where(Deadline.record_id.in_(record_ids)))
    return {(row.rule, row.record_id): row for row in found}


def due(now: datetime, *, limit: int) -> Sequence[Deadline]:
    """Deadlines that have passed, locked; those that another worker has are left out."""
    query = select(Deadline).where(Deadline.due_at <= now).order_by(Deadline.due_at).limit(limit)
    return db.session.scalars(query.with_for_update(skip_locked=True)).all()


def next_deadline() -> datetime | None:
    query = select(Deadline.due_at).where(Deadline.due_at.is_not(None)).order_by(Deadline.due_at).limit(1)
    return db.session.scalar(query)
