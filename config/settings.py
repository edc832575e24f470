"""Every setting of the product, read from the environment once, here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from environs import Env, EnvError, validate

from config.contradictions import refused_because

_DAYS = validate.Range(min=1, max=3650)


class SettingsRefused(Exception):
    """A setting is missing or makes no sense; the message is one sentence for a person."""


class LogFormat(StrEnum):
    JSON = "json"
    """One object a line, for programs."""

    TEXT = "text"
    """For a person who looks on."""


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The databases, and who logs in to them."""

    database_url: str
    """Login ``kontor_platform``; it may go through a pooler."""

    cell_url: str
    """Login ``kontor_app_main``, in which all firms' work is done; it may go through a pooler."""

    direct_url: str
    """Login ``kontor_platform`` without a pooler, for what a session keeps: LISTEN and locks."""

    provisioner_url: str | None
    """May create roles and schemas. Only migrate, scheduler and the command line hold it, never a process that
    strangers talk to.
    """

    redis_url: str
    stock: int
    """How many ready schemas wait for the next sign-ups."""

    @property
    def pooled(self) -> bool:
        """Whether a pooler stands before the database, so that no session keeps anything from one transaction to the
        next, prepared statements included.
        """
        return self.direct_url != self.database_url


def _servers(env: Env) -> Servers:
    database_url = env.str("DATABASE_URL")
    return Servers(
        database_url=database_url,
        cell_url=env.str("CELL_URL"),
        direct_url=env.str("DIRECT_URL", "") or database_url,
        provisioner_url=env.str("PROVISIONER_URL", None) or None,
        redis_url=env.str("REDIS_URL"),
        stock=env.int("KONTOR_STOCK", 3, validate=validate.Range(min=0, max=1000)),
    )


@dataclass(frozen=True, kw_only=True)
class Web:
    """What people and their browsers meet."""

    secret_key: str
    """Signs cookies, links and cursors."""

    secret_key_fallbacks: tuple[str, ...]
    """Former keys, the newest first: what they signed is still believed."""

    public_url: str
    """Where people reach us, without a trailing slash; links in mails begin with it."""

    live_url: str
    """Where pages find the live updates; empty: nowhere, and pages work without them."""

    trusted_proxies: int
    """How many proxies of ours stand before the web processes: so many entries at the end of X-Forwarded-For are
    theirs, and true. 0: whoever knocks is who the socket says.
    """

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def signing_keys(self) -> list[str]:
        """Oldest first, as itsdangerous wants them: the last one signs, all of them are believed."""
        return [*reversed(self.secret_key_fallbacks), self.secret_key]


def _web(env: Env, *, embedded: bool) -> Web:
    """Only on one's own machine can the address be guessed."""
    public_url = env.str("PUBLIC_URL", "http://127.0.0.1:8000") if embedded else env.str("PUBLIC_URL")
    return Web(
        secret_key=env.str("SECRET_KEY"),
        secret_key_fallbacks=tuple(env.list("SECRET_KEY_FALLBACKS", [])),
        public_url=public_url.rstrip("/"),
        live_url=env.str("LIVE_URL", "" if embedded else "/live").rstrip("/"),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=9)),
    )


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What else a process finds around it: disk, files, mail server, whoever watches."""

    home: Path
    """What a process keeps on its own disk: counted bytes and, without FILES_URL, the files of the firms."""

    files_url: str
    """Where the firms' files are: a folder, or ``s3://bucket/prefix``."""

    smtp_url: str | None
    mail_from: str
    sent_mails_days: int
    """So long it is kept that a mail was sent; its text goes at once."""

    failed_mails_days: int
    """So long a link or an invitation that could not be sent is kept, with its text: it can be sent once more."""

    metrics_token: str | None
    """What a Prometheus must know to read /metrics; without one there is no such page."""

    log_format: LogFormat
    sentry_dsn: str | None
    """Where crashes are told, without personal data; None: only in the log."""


def _surroundings(env: Env, *, embedded: bool) -> Surroundings:
    home = Path(env.str("KONTOR_HOME", "var")).resolve()
    return Surroundings(
        home=home,
        files_url=env.str("FILES_URL", "") or str(home / "files"),
        smtp_url=env.str("SMTP_URL", None) or None,
        mail_from=env.str("MAIL_FROM", "Kontor <kontor@localhost>"),
        sent_mails_days=env.int("SENT_MAILS_DAYS", 30, validate=validate.Range(min=1, max=3650)),
        failed_mails_days=env.int("FAILED_MAILS_DAYS", 14, validate=validate.Range(min=1, max=3650)),
        metrics_token=env.str("METRICS_TOKEN", None) or None,
        log_format=env.enum("LOG_FORMAT", "text" if embedded else "json", enum=LogFormat, by_value=True),
        sentry_dsn=env.str("SENTRY_DSN", None) or None,
    )


@dataclass(frozen=True, kw_only=True)
class Backups:
    """What is taken of each firm every night."""

    backups_url: str | None
    """Where backups are: a folder, or ``s3://bucket/prefix``; None: none are made."""

    backups_kept_days: int
    backup_hour: int
    """The hour of the day, in UTC, from which on they are made."""


def _backups(env: Env) -> Backups:
    return Backups(
        backups_url=env.str("BACKUPS_URL", None) or None,
        backups_kept_days=env.int("BACKUPS_KEPT_DAYS", 30, validate=_DAYS),
        backup_hour=env.int("BACKUP_HOUR", 1, validate=validate.Range(min=0, max=23)),
    )


@dataclass(frozen=True, kw_only=True)
class Work:
    """How work in the background is shared."""

    jobs_at_once: int
    """How many jobs of one firm run at the same time, so that others find a worker."""

    jobs_waiting: int
    """How many jobs of one firm may wait; what a person asks for beyond that is refused."""

    worker_stop_seconds: int
    """How long a worker that is told to stop goes on with its job; then the job begins anew elsewhere."""

    jobs_kept_days: int
    """How long a job that is done can be looked up."""

    dead_letters_kept_days: int
    """How long what was given up or set aside can be tried again."""

    changes_kept_days: int
    """How long programs can follow what has changed; the history of a record stays."""

    usage_sources_kept_days: int
    """How long it is kept which process counted traffic, after its figures were added up."""


def _work(env: Env) -> Work:
    return Work(
        jobs_at_once=env.int("JOBS_AT_ONCE", 1, validate=validate.Range(min=1, max=64)),
        jobs_waiting=env.int("JOBS_WAITING", 200, validate=validate.Range(min=1, max=100_000)),
        worker_stop_seconds=env.int("WORKER_STOP_SECONDS", 60, validate=validate.Range(min=1, max=3600)),
        jobs_kept_days=env.int("JOBS_KEPT_DAYS", 7, validate=_DAYS),
        dead_letters_kept_days=env.int("DEAD_LETTERS_KEPT_DAYS", 90, validate=_DAYS),
        changes_kept_days=env.int("CHANGES_KEPT_DAYS", 90, validate=_DAYS),
        usage_sources_kept_days=env.int("USAGE_SOURCES_KEPT_DAYS", 30, validate=_DAYS),
    )


@dataclass(frozen=True, kw_only=True)
class People:
    """What is known of those who log in."""

    login_history_days: int
    """How long it is kept who logged in when and from where, and with which outcome."""


def _people(env: Env) -> People:
    return People(login_history_days=env.int("LOGIN_HISTORY_DAYS", 90, validate=validate.Range(min=1, max=3650)))


@dataclass(frozen=True, kw_only=True)
class Trying:
    """What is for one's own machine and for tests only."""

    embedded: bool
    """Started by ``./run`` on a person's own machine: mails land in a mailbox page, demo firms are there."""

    travelling_clock: bool
    """Tests only: the clock adds an offset kept in the database."""

    loopback_webhooks: bool
    """Tests only: webhooks may lead to 127.0.0.1, without encryption."""


def _trying(env: Env) -> Trying:
    return Trying(
        embedded=env.bool("KONTOR_EMBEDDED", False),
        travelling_clock=env.bool("KONTOR_TRAVELLING_CLOCK", False),
        loopback_webhooks=env.bool("KONTOR_LOOPBACK_WEBHOOKS", False),
    )


@dataclass(frozen=True, kw_only=True)
class Settings(Servers, Web, Surroundings, Backups, Work, People, Trying):
    """All of them. A new group of settings gets a class and a reader of its own."""


@cache
def settings() -> Settings:
    """Read the environment once.

    Raises SettingsRefused.
    """
    try:
        values = _given(Env())
    except EnvError as error:
        raise SettingsRefused(f"A setting is missing or wrong: {error}") from error
    reason = refused_because(values)
    if reason:
        raise SettingsRefused(reason)
    return values


def without_provisioner(process: str) -> None:
    """To be asked first by every process that strangers talk to.

    Raises SettingsRefused where it was given the login that may create and drop roles.
    """
    if settings().provisioner_url is not None:
        raise SettingsRefused(f"kontor {process} must not know PROVISIONER_URL; take it out of its environment.")


def _given(env: Env) -> Settings:
    trying = _trying(env)
    groups = (
        _servers(env),
        _web(env, embedded=trying.embedded),
        _surroundings(env, embedded=trying.embedded),
        _backups(env),
        _work(env),
        _people(env),
        trying,
    )
    return Settings(**{name: value for group in groups for name, value in vars(group).items()})
