"""Whether everything around the database works: Redis, worker, scheduler, what waits, disk, clock, address."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from redis import Redis, RedisError, ResponseError
from sqlalchemy import URL, select

from config import private
from config.settings import settings
from tenants import backlog, clock, engines, heartbeat, lanes, live
from tenants.backlog import Waiting, Work
from tenants.db import platform_reading
from tenants.doctor.findings import Finding, fine, wrong
from tenants.models import Mail, MailState

PATIENCE = {
    Work.CHANGES: timedelta(minutes=1),
    Work.JOBS: timedelta(minutes=5),
    Work.MAILS: timedelta(minutes=10),
    Work.WEBHOOKS: timedelta(minutes=10),
}
"""Longer than this nothing waits in a house that works. deploy/prometheus/rules.yml says the same."""

_START_WORKERS = "See that workers run and what they log; start more: `kontor worker`."
_HURRY = {
    Work.CHANGES: _START_WORKERS,
    Work.JOBS: _START_WORKERS,
    Work.MAILS: "See that the scheduler and the workers run, and that SMTP_URL leads to your mail server.",
    Work.WEBHOOKS: _START_WORKERS,
}
SKEW = timedelta(seconds=2)
ROOM = 1 << 30
"""Bytes that must be free where files are kept."""


def logins(_connection: psycopg.Connection) -> Iterator[Finding]:
    """As web and workers do it; after a password was changed in one place only, the other no longer fits."""
    addresses = {
        "DATABASE_URL": engines.platform_url(),
        "CELL_URL": engines.cell_url(),
        "DIRECT_URL": engines.direct_url(),
    }
    broken = [finding for name, url in addresses.items() for finding in _log_in(name, url)]
    yield from broken or [fine("logins", "Web and workers can log in to the database.")]


def _log_in(name: str, url: URL) -> Iterator[Finding]:
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
            if name == "DIRECT_URL":
                yield from _keeps_sessions(connection)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        remedy = f"Run `kontor migrate`, which sets its password from {name}; see pg_hba.conf if that does not help."
        yield wrong("logins", f"{url.username} cannot log in by {name}: {reason}", remedy=remedy)


def _keeps_sessions(connection: psycopg.Connection) -> Iterator[Finding]:
    """A pooler that shares sessions forgets that somebody listens, and gives a lock to whoever comes next."""
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    # A pooler greets with a number of its own.
    if row is None or row[0] != connection.info.backend_pid:
        remedy = "Let DIRECT_URL lead to PostgreSQL itself, past the pooler."
        yield wrong("logins", "DIRECT_URL leads through a pooler, so locks and LISTEN do not hold.", remedy=remedy)


def redis_and_helpers() -> Iterator[Finding]:
    """Redis, and who is only seen through it: worker, scheduler, live updates."""
    try:
        with lanes.connection() as redis:
            redis.ping()
            yield fine("redis", f"Redis answers; {_persistence(redis)}.")
            yield _worker(redis)
            yield _scheduler(redis)
            yield _live(redis)
    except RedisError as error:
        remedy = "Start it, or correct REDIS_URL; until then jobs wait and nothing is lost."
        yield wrong("redis", f"Redis does not answer ({type(error).__name__}).", remedy=remedy)


def _persistence(redis: Redis) -> str:
    """Either way is fine, since jobs are rows first; but whoever runs it should know."""
    try:
        kept = redis.config_get("appendonly", "save")
    except ResponseError:
        return "it does not say whether it keeps anything over a restart"
    if kept.get("appendonly") == "yes":
        return "it writes down every change"
    return "it saves from time to time" if kept.get("save") else "it keeps nothing over a restart, which loses no job"


def _worker(redis: Redis) -> Finding:
    alive = heartbeat.workers(redis)
    if not alive:
        return wrong("worker", "No worker is alive, so jobs wait.", remedy="Start one: `kontor worker`.")
    return fine("worker", f"Workers alive: {alive}.")


def _scheduler(redis: Redis) -> Finding:
    if heartbeat.last(redis, "scheduler") is None:
        sentence = "No scheduler is alive, so mails and reminders wait."
        return wrong("scheduler", sentence, remedy="Start one: `kontor scheduler`.")
    return fine("scheduler", "The scheduler is alive.")


def _live(redis: Redis) -> Finding:
    """It listens to what changes for as long as it can serve anybody."""
    listening = dict(redis.pubsub_numsub(live.CHANNEL)).get(live.CHANNEL.encode(), 0)
    if listening:
        return fine("live", "Open pages hear of changes.")
    if not settings().live_url:
        return fine("live", "Live updates are not set up; pages are as fresh as when they were opened.")
    sentence = "No process for live updates is alive, so open pages hear of no change."
    return wrong("live", sentence, remedy="Start it: `kontor live`.")


def waiting() -> Iterator[Finding]:
    """As the scheduler counted it last: what the console and the metrics say, too."""
    now, found = clock.now(), backlog.backlog()
    if found.is_stale(at=now):
        age = f"was counted {_minutes(now - found.counted_at)} minutes ago" if found.counted_at else "was never counted"
        sentence = f"What waits {age}, so what is said of it may have changed."
        yield wrong("counting", sentence, remedy="The scheduler counts it every minute: see that it runs, and its log.")
    for work, lane in found.lanes.items():
        yield _waits(work, lane)


def _waits(work: Work, lane: Waiting) -> Finding:
    if lane.overdue > PATIENCE[work]:
        sentence = f"{lane.number} {work} wait, the oldest for {_minutes(lane.overdue)} minutes{_reason(work)}."
        return wrong(work, sentence, remedy=_HURRY[work])
    return fine(work, f"{lane.number} {work} wait, none for long.")


def _reason(work: Work) -> str:
    """Why a mail waits, as far as one says so."""
    if work is not Work.MAILS:
        return ""
    unsent = Mail.state.in_([MailState.PENDING, MailState.SENDING])
    with platform_reading() as session:
        error = session.scalar(select(Mail.error).where(unsent, Mail.error.is_not(None)).limit(1))
    return f" ({error})" if error else ""


def _minutes(time: timedelta) -> int:
    return int(time.total_seconds() // 60)


def privacy() -> Iterator[Finding]:
    """Each start closes what is ours; what is left open has another user's folder beside it."""
    folder = settings().home
    opened = private.open_to_others(folder)
    if opened:
        names = ", ".join(str(path) for path in opened)
        yield wrong("privacy", f"Other users of this machine may look into {names}.", remedy=f"chmod -R go= {names}")
    elif private.is_shared(folder):
        yield fine("privacy", f"Our folders are closed to others; {folder} holds another user's, too.")
    else:
        yield fine("privacy", f"Nobody else on this machine may look into {folder}.")


def disk() -> Iterator[Finding]:
    folder = settings().home
    free = shutil.disk_usage(_existing(folder)).free
    if free < ROOM:
        sentence = f"Only {free >> 20} MB are free where files are kept ({folder})."
        yield wrong("disk", sentence, remedy="Make room there, or move KONTOR_HOME to a larger disk.")
    else:
        yield fine("disk", f"{free >> 30} GB are free where files are kept.")


def _existing(folder: Path) -> Path:
    """The folder is made with the first file."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def clocks(connection: psycopg.Connection) -> Iterator[Finding]:
    """Half of the round trip is counted as the way of the question."""
    asked = clock.now()
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    moment: datetime = row[0] if row else asked
    skew = moment - (asked + (clock.now() - asked) / 2)
    if abs(skew) > SKEW:
        sentence = f"The clocks of this machine and of the database differ by {abs(skew).total_seconds():.0f} s."
        yield wrong("clock", sentence, remedy="Let both follow a time server, for example with chrony.")
    else:
        yield fine("clock", "This machine and the database agree about the time.")
