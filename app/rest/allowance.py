"""How often a token may knock: counted for all processes together, by the minute, with one question to Redis. While
Redis does not answer each process counts for itself.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from flask import Response, g

from tenants import counting
from tenants.counting import Count
from tenants.errors import TooMany

MOST = 600
_WINDOW = timedelta(minutes=1)


class AllowanceUsed(TooMany):
    """This token has used its %(most)d requests of a minute. Please go on in %(seconds)d s."""

    code = "too_many_requests"

    def __init__(self, *, seconds: int) -> None:
        super().__init__(most=MOST, seconds=seconds)
        self.again_in = seconds


def use() -> None:
    """One request of the present token.

    Raises AllowanceUsed.
    """
    g.used = counting.count(f"requests of {g.token_id}", within=_WINDOW)
    if g.used.number > MOST:
        raise AllowanceUsed(seconds=_seconds_left(g.used))


def say(response: Response) -> Response:
    """How much is left; what is kept for a program is never kept by others."""
    response.headers["Cache-Control"] = "private, no-cache"
    used: Count | None = g.get("used")
    if used is None:
        return response
    response.headers["RateLimit-Limit"] = str(MOST)
    response.headers["RateLimit-Remaining"] = str(max(0, MOST - used.number))
    response.headers["RateLimit-Reset"] = str(_seconds_left(used))
    return response


def _seconds_left(used: Count) -> int:
    """Until the window ends: the headers and the sentence say the same."""
    return max(1, ceil(used.seconds_left))
