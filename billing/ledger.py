"""Writing down what was counted: from the files of the processes into the database.

Totals only grow and the larger one stays, so it can be done twice, in any order, by any number at once, or be
interrupted: it ends as if it had been done once.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from billing import counters
from billing.counters import Counted
from billing.models import Meter
from config.settings import settings
from tenants import clock
from tenants.db import platform_work


class Total(NamedTuple):
    tenant_id: UUID
    hour: datetime
    meter: str
    source: UUID
    total: int


TOGETHER = UUID(int=0)
"""The source of what all processes counted that have ended."""

_FOLDED_AFTER = timedelta(hours=1)
_MOST_AT_ONCE = 100

_written: dict[UUID, frozenset[Total]] = {}
"""What this process wrote down last, by source: it need not do so again."""


def write_down() -> int:
    """All that the processes of this machine have counted so far; answers how many totals were written."""
    folder = counters.folder()
    paths = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    return sum(_write_down(path) for path in paths)


def _write_down(path: Path) -> int:
    """
    1. Find out whether its process is gone: then nothing is added to the file any more.
    2. Read it, and write what is new into the ledger.
    3. Only when that is saved, remove the file of a process that is gone.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        # Somebody else was faster.
        return 0
    with file:
        is_over, seen_at = _is_over(path, file.fileno()), clock.now()
        found = counters.read(path)
        written = _keep(*found, seen_at=seen_at, is_over=is_over) if found else 0
        if is_over:
            path.unlink(missing_ok=True)
    return written


def _is_over(path: Path, number: int) -> bool:
    if path.stat().st_size == 0:
        # Just made; whoever counts there takes the lock in a moment.
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keep(source: UUID, counted: Iterable[Counted], *, seen_at: datetime, is_over: bool) -> int:
    totals = frozenset(total for one in counted for total in _totals(source, one))
    new = totals - _written.get(source, frozenset())
    with platform_work() as session:
        seen = {"id": source, "at": seen_at, "ended_at": seen_at if is_over else None}
        is_folded = session.execute(_SEEN, seen).scalar_one()
        add(session, () if is_folded else new)
    if is_over:
        _written.pop(source, None)
    else:
        _written[source] = totals
    return 0 if is_folded else len(new)


def _totals(source: UUID, one: Counted) -> Iterator[Total]:
    hour = datetime.fromtimestamp(one.hour * counters.HOUR, UTC)
    amounts = {Meter.BYTES_IN: one.received, Meter.BYTES_OUT: one.sent, Meter.REQUESTS: one.requests}
    for meter, amount in amounts.items():
        if amount:
            yield Total(one.tenant_id, hour, meter.value, source, amount)


def add(session: Session, totals: Iterable[Total]) -> None:
    """Keep of each total the larger: the one that is kept already, or this one."""
    # In one order for all, so that two who write at once do not wait for each other in a circle.
    columns = list(zip(*sorted(totals), strict=True))
    if columns:
        session.execute(_ADD, dict(zip(Total._fields, map(list, columns), strict=True)))


def fold() -> int:
    """Add together what the processes that have ended left, so that the ledger does not grow with their number.

    Done by one statement: a source is either folded, and nothing of it is written down any more, or as it was.
    """
    now = clock.now()
    values = {"now": now, "before": now - _FOLDED_AFTER, "most": _MOST_AT_ONCE, "together": TOGETHER}
    with platform_work() as session:
        return len(session.execute(_FOLD, values).all())


def add_levels(tenant_id: UUID, day: date, levels: Mapping[Meter, int], *, at: datetime) -> None:
    """How much there is of something; of a day the most is kept."""
    rows: list[Mapping[str, Any]] = [
        {"tenant_id": tenant_id, "day": day, "meter": meter.value, "level": level, "at": at}
        for meter, level in sorted(levels.items())
    ]
    if rows:
        with platform_work() as session:
            session.execute(_ADD_LEVEL, rows)


def forget_sources() -> None:
    """Those whose figures were added up long ago: nothing of them can come any more."""
    before = clock.now() - timedelta(days=settings().usage_sources_kept_days)
    with platform_work() as session:
        session.execute(text("DELETE FROM platform.usage_sources WHERE folded_at < :before"), {"before": before})


_ADD = text(
    "INSERT INTO platform.usage_counters AS kept (tenant_id, hour, meter, source, total) "
    "SELECT * FROM unnest(CAST(:tenant_id AS uuid[]), CAST(:hour AS timestamptz[]), CAST(:meter AS varchar[]), "
    "CAST(:source AS uuid[]), CAST(:total AS bigint[])) "
    "ON CONFLICT (tenant_id, hour, meter, source) DO UPDATE SET total = GREATEST(kept.total, excluded.total) "
    "WHERE excluded.total > kept.total"
)
_SEEN = text(
    "INSERT INTO platform.usage_sources AS kept (id, created_at, seen_at, ended_at) VALUES (:id, :at, :at, :ended_at) "
    "ON CONFLICT (id) DO UPDATE SET seen_at = GREATEST(kept.seen_at, excluded.seen_at), "
    "ended_at = coalesce(kept.ended_at, excluded.ended_at) RETURNING folded_at IS NOT NULL"
)
_FOLD = text(
    "WITH ended AS (SELECT id FROM platform.usage_sources WHERE ended_at < :before AND folded_at IS NULL "
    "ORDER BY ended_at LIMIT :most FOR UPDATE SKIP LOCKED), "
    "taken AS (DELETE FROM platform.usage_counters WHERE source IN (SELECT id FROM ended) "
    "RETURNING tenant_id, hour, meter, total), "
    "put AS (INSERT INTO platform.usage_counters AS kept (tenant_id, hour, meter, source, total) "
    "SELECT tenant_id, hour, meter, CAST(:together AS uuid), sum(total) FROM taken GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 "
    "ON CONFLICT (tenant_id, hour, meter, source) DO UPDATE SET total = kept.total + excluded.total) "
    "UPDATE platform.usage_sources SET folded_at = :now WHERE id IN (SELECT id FROM ended) RETURNING id"
)
_ADD_LEVEL = text(
    "INSERT INTO platform.usage_levels AS kept (tenant_id, day, meter, level, counted_at) "
    "VALUES (:tenant_id, :day, :meter, :level, :at) "
    "ON CONFLICT (tenant_id, day, meter) DO UPDATE SET level = GREATEST(kept.level, excluded.level), "
    "counted_at = GREATEST(kept.counted_at, excluded.counted_at)"
)
