"""What clients of the web server may take: the settings that only the web server reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from environs import Env, EnvError, validate

from config.server import WEB_BIND, server_settings
from config.settings import SettingsRefused


@dataclass(frozen=True, kw_only=True)
class ServerLimits:
    """The defaults suit people on bad lines."""

    connections: int
    """At most so many a process. Beyond them whoever waits longest without a request has to go."""

    connections_per_address: int
    """At most so many a process from one address; none where a proxy of ours stands before us: all come from there."""

    head_seconds: float
    """For the head of a request, from its first byte; a connection without a word is left alone as long."""

    body_seconds: float
    """For a body, and for taking an answer, beside what its bytes take at the slowest rate."""

    slowest_rate: float
    """Bytes per second; on the average, whoever is slower has to go."""

    firm_requests: int
    """At most so many requests of one firm are answered by a process at once."""

    firm_waiting: int
    """And so many wait for a moment; what comes then is refused."""


@cache
def server_limits() -> ServerLimits:
    """Raises SettingsRefused."""
    try:
        return _given(Env(), threads=server_settings(default_bind=WEB_BIND).threads)
    except EnvError as error:
        raise SettingsRefused(f"A setting is missing or wrong: {error}") from error


def _given(env: Env, *, threads: int) -> ServerLimits:
    seconds, many = validate.Range(min=0.1, max=3600), validate.Range(min=1, max=60_000)
    behind_proxy = env.int("TRUSTED_PROXIES", 0) > 0
    per_address = env.int("WEB_CONNECTIONS_PER_ADDRESS", 100, validate=many)
    connections = env.int("WEB_CONNECTIONS", 1000, validate=validate.Range(min=20, max=60_000))
    return ServerLimits(
        connections=connections,
        connections_per_address=connections if behind_proxy else per_address,
        head_seconds=env.float("HEAD_SECONDS", 10.0, validate=seconds),
        body_seconds=env.float("BODY_SECONDS", 20.0, validate=seconds),
        slowest_rate=env.float("SLOWEST_BYTES_PER_SECOND", 1000.0, validate=validate.Range(min=1)),
        firm_requests=env.int("FIRM_REQUESTS", max(1, threads // 2), validate=many),
        firm_waiting=max(1, threads // 4),
    )
