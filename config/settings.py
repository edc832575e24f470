"""Every setting of the product, read from the environment once, here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvError, validate

_SHORTEST_SECRET = 32


class SettingsRefused(Exception):
    """A setting is missing or makes no sense; the message is one sentence for a person."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    database_url: str
    """The provisioner's login: it may create roles and schemas. From it all other logins are made."""

    redis_url: str
    secret_key: str
    public_url: str
    """Where people reach us, without a trailing slash; links in mails begin with it."""

    home: Path
    """Files of the tenants live below it."""

    embedded: bool
    """Started by ``./run`` on a person's own machine: mails land in a mailbox page instead of leaving."""

    smtp_url: str | None
    mail_from: str
    stock: int
    """How many ready schemas wait for the next sign-ups."""

    metrics_token: str | None
    """What a Prometheus must know to read /metrics; without one there is no such page."""

    live_url: str
    """Where pages find the live updates; empty: nowhere, and pages work without them."""

    trusted_proxies: int
    """How many proxies of ours stand before the web processes: so many entries at the end of X-Forwarded-For are
    theirs, and true. 0: whoever knocks is who the socket says.
    """

    travelling_clock: bool
    """Tests only: the clock adds an offset kept in the database."""

    loopback_webhooks: bool
    """Tests only: webhooks may lead to 127.0.0.1, without encryption."""

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")


@cache
def settings() -> Settings:
    """Read the environment once.

    Raises SettingsRefused.
    """
    try:
        values = _given(Env())
    except EnvError as error:
        raise SettingsRefused(f"A setting is missing or wrong: {error}") from error
    _refuse_nonsense(values)
    return values


def _given(env: Env) -> Settings:
    return Settings(
        database_url=env.str("DATABASE_URL"),
        redis_url=env.str("REDIS_URL"),
        secret_key=env.str("SECRET_KEY"),
        public_url=env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        home=Path(env.str("KONTOR_HOME", "var")).resolve(),
        embedded=env.bool("KONTOR_EMBEDDED", False),
        smtp_url=env.str("SMTP_URL", None),
        mail_from=env.str("MAIL_FROM", "Kontor <kontor@localhost>"),
        stock=env.int("KONTOR_STOCK", 3, validate=validate.Range(min=0, max=1000)),
        metrics_token=env.str("METRICS_TOKEN", None) or None,
        live_url=env.str("LIVE_URL", "").rstrip("/"),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=9)),
        travelling_clock=env.bool("KONTOR_TRAVELLING_CLOCK", False),
        loopback_webhooks=env.bool("KONTOR_LOOPBACK_WEBHOOKS", False),
    )


def _refuse_nonsense(values: Settings) -> None:
    if len(values.secret_key) < _SHORTEST_SECRET:
        raise SettingsRefused(f"SECRET_KEY must have at least {_SHORTEST_SECRET} characters.")
    if urlsplit(values.public_url).scheme not in {"http", "https"}:
        raise SettingsRefused("PUBLIC_URL must begin with http:// or https://.")
    if values.loopback_webhooks and (values.https or not values.embedded):
        raise SettingsRefused(
            "KONTOR_LOOPBACK_WEBHOOKS is for tests only: customers could reach this machine's inside."
        )
    if not values.embedded and values.smtp_url is None:
        raise SettingsRefused("SMTP_URL is not set, so no mail could leave; set it, or start with ./run.")


def gunicorn_settings() -> dict[str, Any]:
    """What config/gunicorn.py needs; apart from the rest because it is read before the product is loaded."""
    env = Env()
    return {
        "port": env.int("PORT", 8000, validate=validate.Range(min=1, max=65535)),
        "processes": env.int("WEB_PROCESSES", 2, validate=validate.Range(min=1, max=64)),
        "threads": env.int("WEB_THREADS", 8, validate=validate.Range(min=1, max=64)),
    }


def live_server_settings() -> dict[str, Any]:
    """What config/live_server.py needs."""
    env = Env()
    return {"port": env.int("LIVE_PORT", 8001, validate=validate.Range(min=1, max=65535))}
