"""Whether everything around the database works: Redis, worker, scheduler, what waits, disk, clock, address."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from redis import Redis, RedisError, ResponseError
from sqlalchemy import func, select

from config.settings import settings
from tenants import backlog, clock, engines, heartbeat, lanes, live
from tenants.db import platform_reading
from tenants.doctor.findings import Finding, fine, wrong
from tenants.models import Mail, MailState

JOB_PATIENCE = timedelta(minutes=5)
MAIL_PATIENCE = timedelta(minutes=10)
SKEW = timedelta(seconds=2)
ROOM = 1 << 30
"""Bytes that must be free where files are kept."""


def logins(_connection: psycopg.Connection) -> Iterator[Finding]:
    """The passwords follow from SECRET_KEY; after it has changed the database knows the old ones."""
    broken = [finding for name in (engines.PLATFORM, engines.app_login(engines.CELL)) for finding in _log_in(name)]
    yield from broken or [fine("logins", "Web and workers can log in to the database.")]


def _log_in(name: str) -> Iterator[Finding]:
    url = engines.login_url(name).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        remedy = "Run `kontor migrate`, which sets its password from SECRET_KEY; see pg_hba.conf if that does not help."
        yield wrong("logins", f"{name} cannot log in: {reason}", remedy=remedy)


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
    return wrong("live", sentence, remedy="Start it: `gunicorn -c config/live_server.py 'app.live:create_app()'`.")


def waiting_jobs() -> Iterator[Finding]:
    now, found = clock.now(), backlog.backlog()
    if found.oldest is not None and now - found.oldest > JOB_PATIENCE:
        sentence = f"{found.waiting} jobs wait, the oldest for {_minutes(now - found.oldest)} minutes."
        yield wrong("jobs", sentence, remedy="See that workers run and what they log; start more: `kontor worker`.")
    else:
        yield fine("jobs", f"{found.waiting} jobs wait, none for long.")


def waiting_mails() -> Iterator[Finding]:
    now = clock.now()
    unsent = Mail.state.in_([MailState.PENDING, MailState.SENDING])
    query = select(func.count(), func.min(Mail.created_at)).where(unsent, Mail.created_at < now - MAIL_PATIENCE)
    with platform_reading() as session:
        count, oldest = session.execute(query).one()
        error = session.scalar(select(Mail.error).where(unsent, Mail.error.is_not(None)).limit(1))
    if count:
        reason = f" ({error})" if error else ""
        sentence = f"{count} mails wait, the oldest for {_minutes(now - oldest)} minutes{reason}."
        yield wrong(
            "mails", sentence, remedy="See that the scheduler runs, and that SMTP_URL leads to your mail server."
        )
    else:
        yield fine("mails", "No mail waits for long.")


def _minutes(time: timedelta) -> int:
    return int(time.total_seconds() // 60)


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


def address() -> Iterator[Finding]:
    if settings().embedded or settings().https:
        yield fine("address", f"People reach us at {settings().public_url}.")
    else:
        sentence = f"People reach us at {settings().public_url}, so passwords travel unencrypted."
        yield wrong("address", sentence, remedy="Put a certificate before it and set PUBLIC_URL to https://...")
