"""How often a token may knock: counted for all processes together, by the minute, with one question to Redis. While
Redis does not answer nobody is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from flask import Response, g

from app.core.limits import limiter
from tenants import memory
from tenants.errors import TooMany

MOST = 600
_WINDOW = timedelta(minutes=1)


class TooManyRequests(TooMany):
    """That was too often. Please wait a minute and try again."""

    code = "too_many_requests"


@dataclass(frozen=True, slots=True)
class Allowance:
    used: int
    ends_in: int
    """Seconds."""


def use() -> None:
    """One request of the present token.

    Raises TooManyRequests.
    """
    counted = memory.count(f"requests of {g.token_id}", within=_WINDOW) if limiter.enabled else None
    if counted is None:
        return
    g.allowance = Allowance(counted[0], ceil(counted[1]))
    if g.allowance.used > MOST:
        raise TooManyRequests


def say(response: Response) -> Response:
    """How much is left; what is kept for a program is never kept by others."""
    response.headers["Cache-Control"] = "private, no-cache"
    known: Allowance | None = g.get("allowance")
    if known is None:
        return response
    response.headers["RateLimit-Limit"] = str(MOST)
    response.headers["RateLimit-Remaining"] = str(max(0, MOST - known.used))
    response.headers["RateLimit-Reset"] = str(known.ends_in)
    if known.used > MOST:
        response.headers["Retry-After"] = str(known.ends_in)
    return response
