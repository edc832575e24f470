"""Crashes told to Sentry: whatever is logged with a traceback, without anything that people have entered.

Sent are the kind of the error, the functions and lines it came through, and the record's event name. Never sent:
the error's text, variables, requests, cookies, addresses, names of machines.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import structlog

from config import lazily

_EVENT_KEYS = ("event_id", "timestamp", "platform", "level", "exception", "release", "environment", "logger")
_FRAME_KEYS = ("module", "function", "lineno", "filename", "in_app")


def reporting(dsn: str | None) -> Sequence[structlog.typing.Processor]:
    """What stands before the formatting of exceptions; nothing without an address."""
    if dsn is None:
        return ()
    sentry = lazily.module("sentry_sdk")
    sentry.init(
        dsn,
        # Each would patch a library, watch requests and take what they hold; a crash is told from one place only.
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        server_name="",
        before_send=stripped,
        shutdown_timeout=2,
    )
    return (_tell,)


def _tell(_logger: Any, _method: str, record: structlog.typing.EventDict) -> structlog.typing.EventDict:
    error = _error(record.get("exc_info"))
    if error is not None:
        with lazily.module("sentry_sdk").new_scope() as scope:
            scope.set_tag("event", str(record.get("event", "")))
            scope.capture_exception(error)
    return record


def _error(told: Any) -> BaseException | None:
    """``exc_info`` is an exception, what sys.exc_info() answered, or True for the one that is being handled."""
    if told is True:
        return sys.exc_info()[1]
    return told[1] if isinstance(told, tuple) else told or None


def stripped(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """The event with nothing in it but what is named here."""
    kept = {key: event[key] for key in _EVENT_KEYS if key in event}
    kept["tags"] = {"event": event.get("tags", {}).get("event", "")}
    kept["exception"] = {"values": [_stripped(one) for one in event.get("exception", {}).get("values", [])]}
    return kept


def _stripped(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames", [])
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "stacktrace": {"frames": [{key: frame.get(key) for key in _FRAME_KEYS} for frame in frames]},
    }
