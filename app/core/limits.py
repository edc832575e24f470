"""How often somebody may do what helps who guesses or costs us: counted in Redis, so that all web processes count
together. While Redis does not answer each counts for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

import flask
from flask import Response, request

from app.core import callers
from tenants import counting, identities
from tenants.counting import TooOften

P = ParamSpec("P")
R = TypeVar("R")

_READING = {"GET", "HEAD", "OPTIONS"}


def typed_email() -> str:
    """Counts by the e-mail that was typed; hashed, so that the counter in Redis names nobody."""
    return identities.digest(request.form.get("email", "").strip().lower()).hex()


def limit(
    most: int,
    *,
    within: timedelta,
    by: Callable[[], str] = callers.network,
    counts: Callable[[Response], bool] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view that may be sent a form so often; reading its page is free. Each is counted before it is answered, so that
    many at once are no way around; one whose answer does not ``counts`` is given back.

    Raises TooOften (out of the view).
    """

    def limited(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def knocked(*arguments: P.args, **options: P.kwargs) -> R:
            if request.method not in _READING:
                _use(f"{request.endpoint} {most} {within} {by()}", most=most, within=within, counts=counts)
            return view(*arguments, **options)

        return knocked

    return limited


def _use(name: str, *, most: int, within: timedelta, counts: Callable[[Response], bool] | None) -> None:
    used = counting.count(name, within=within)
    if used.number > most:
        raise TooOften(seconds=used.seconds_left)

    @flask.after_this_request
    def settle(response: Response) -> Response:
        if counts is not None and not counts(response):
            counting.give_back(name, within=within)
        return response
