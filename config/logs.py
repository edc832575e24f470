"""Logs as records, one JSON object a line; readable lines when a person looks on (LOG_FORMAT)."""

from __future__ import annotations

import logging
import sys

import structlog

from config import crashes
from config.settings import LogFormat, settings


def configure() -> None:
    """Once for each process, before it does anything worth a line. Crashes go to Sentry besides where one is set."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if settings().log_format is LogFormat.TEXT
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *crashes.reporting(settings().sentry_dsn),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
