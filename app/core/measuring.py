"""What each request costs, counted by route pattern and status: seconds, SQL statements, connections in use."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import Any

import flask
from flask import Flask, g, has_request_context, request
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from tenants import clock, cursor, tally
from tenants.db import PLATFORM_BIND, db

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the histogram's buckets in seconds; one more has no end."""

SECONDS, STATEMENTS = len(BOUNDS) + 1, len(BOUNDS) + 2
REQUEST = "request"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_count)
    with app.app_context():
        for pool, engine in (("tenants", db.engine), ("platform", db.engines[PLATFORM_BIND])):
            event.listen(engine, "checkout", partial(_taken, pool=pool))
            event.listen(engine, "checkin", partial(_given_back, pool=pool))


def _begin() -> None:
    g.statements_before = cursor.statements_sent()


def _count(response: flask.Response) -> flask.Response:
    # A request that was refused before it began has not taken the time either.
    took = clock.stopwatch() - g.get("began", clock.stopwatch())
    statements = cursor.statements_sent() - g.get("statements_before", 0)
    rule = request.url_rule.rule if request.url_rule else "-"
    method = request.method if request.method in _METHODS else "-"
    series = (REQUEST, method, rule, str(response.status_code))
    tally.add(series, (bisect_left(BOUNDS, took), 1.0), (SECONDS, took), (STATEMENTS, statements))
    return response


def _taken(_connection: Any, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection, *, pool: str) -> None:
    # Noted on the connection: whoever gives it back may do so when the request is over.
    if has_request_context():
        entry.info["counted"] = True
        tally.add((tally.AT_PRESENT, pool), (0, 1.0))


def _given_back(_connection: Any, entry: ConnectionPoolEntry, *, pool: str) -> None:
    if entry.info.pop("counted", False):
        tally.add((tally.AT_PRESENT, pool), (0, -1.0))
