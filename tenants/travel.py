"""The clock of a test: an offset in the database that all processes of one product share; read nowhere else."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock

from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, text

from config.settings import settings
from tenants import clock, engines

_FRESH_FOR = 0.2
"""Seconds for which what was read is believed."""


class SharedOffset:
    """How far the clock has travelled, read over a connection of its own: it belongs to no unit of work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._read_at = float("-inf")
        self._offset = timedelta()

    def __call__(self) -> timedelta:
        with self._lock:
            if clock.stopwatch() - self._read_at > _FRESH_FOR:
                self._offset, self._read_at = self._read(), clock.stopwatch()
            return self._offset

    def _read(self) -> timedelta:
        with self._engine.connect() as connection:
            seconds = connection.scalar(text("SELECT sum(seconds)::bigint FROM platform.clock_offset"))
        return timedelta(seconds=seconds or 0)


def init_app(_app: Flask) -> None:
    if settings().travelling_clock:
        url = engines.platform_url()
        clock.travel_with(SharedOffset(create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")))
