"""What a web server needs; apart from the other settings because it is read before the product is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from environs import Env, EnvError, validate

from config.settings import SettingsRefused

WEB_BIND, LIVE_BIND = "127.0.0.1:8000", "127.0.0.1:8001"


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    bind: str
    """``host:port`` or ``unix:path``."""

    processes: int
    threads: int


def server_settings(*, default_bind: str) -> ServerSettings:
    """Raises SettingsRefused."""
    env = Env()
    try:
        return ServerSettings(
            bind=_bind(env.str("BIND", "") or default_bind),
            processes=env.int("WEB_PROCESSES", 2, validate=validate.Range(min=1, max=64)),
            threads=env.int("WEB_THREADS", 8, validate=validate.Range(min=1, max=64)),
        )
    except EnvError as error:
        raise SettingsRefused(f"A setting is missing or wrong: {error}") from error


def _bind(given: str) -> str:
    try:
        fits = given.startswith("unix:/") or bool(urlsplit(f"//{given}").port)
    except ValueError:
        fits = False
    if not fits:
        raise SettingsRefused(f"BIND must be host:port or unix:/path, not {given!r}.")
    return given
