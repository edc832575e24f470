"""A rule that begins to work takes up what waits already: its time begins now, for nobody was told to hurry before."""

from __future__ import annotations

from uuid import UUID

from app.core.features import features
from app.escalation import deadlines, matching, queries
from app.escalation.rules import Rule
from tenants import clock
from tenants.jobs import job, later

_AT_ONCE = 500
_FIRST = UUID(int=0)


def begin(rule: Rule) -> None:
    """A worker goes through all rows of the kind; those for which the rule waits already are left as they are."""
    if rule.active and rule.definition.levels:
        later(take_up, rule=rule.key, after=str(_FIRST))


@job
def take_up(*, rule: str, after: str) -> None:
    """Done twice it is done once. A rule that was switched off meanwhile takes up no more."""
    found = next((one for one in queries.active_rules() if one.key == rule), None)
    subject = features.subject(found.definition.subject) if found else None
    if found is None or subject is None:
        return
    rows, now = subject.read_behind(UUID(after), limit=_AT_ONCE), clock.now()
    here = clock.local(now)
    waiting = [
        record_id
        for record_id, known in rows.items()
        if matching.waits(found.definition, known.values, is_gone=known.is_gone, here=here)
    ]
    deadlines.begin([(subject.name, record_id, found, now, "") for record_id in waiting])
    if len(rows) == _AT_ONCE:
        later(take_up, rule=rule, after=str(max(rows)))
