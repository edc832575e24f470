"""How often a token may knock: counted for all processes together, by the minute, with one question to Redis. While
Redis does not answer each process counts for itself.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from flask import Response, g

from tenants import counting
from tenants.counting import Count, TooOften

MOST = 600
_WINDOW = timedelta(minutes=1)


def use() -> None:
    """One request of the present token.

    Raises TooOften.
    """
    g.used = counting.count(f"requests of {g.token_id}", within=_WINDOW)
    if g.used.number > MOST:
        raise TooOften(seconds=g.used.seconds_left)


def say(response: Response) -> Response:
    """How much is left; what is kept for a program is never kept by others."""
    response.headers["Cache-Control"] = "private, no-cache"
    used: Count | None = g.get("used")
    if used is None:
        return response
    ends_in = str(ceil(used.seconds_left))
    response.headers["RateLimit-Limit"] = str(MOST)
    response.headers["RateLimit-Remaining"] = str(max(0, MOST - used.number))
    response.headers["RateLimit-Reset"] = ends_in
    if used.number > MOST:
        response.headers["Retry-After"] = ends_in
    return response
