"""What Sentry is told of a crash: where it happened, and nothing that anybody has entered."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import brotli
import pytest
import sentry_sdk
import structlog

from config import crashes


class Sentry(http.server.BaseHTTPRequestHandler):
    """Takes events as a Sentry does; strict about where they are sent."""

    told: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = brotli.decompress(body) if self.headers.get("Content-Encoding") == "br" else body
        known = self.path == "/api/42/envelope/"
        if known:
            self.told.append(body.decode())
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_what: object) -> None:
        return


@pytest.fixture
def told() -> Iterator[tuple[str, list[str]]]:
    """(address of a Sentry, what it was told)"""
    received: list[str] = []
    handler = type("Handler", (Sentry,), {"told": received})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://key@127.0.0.1:{server.server_address[1]}/42", received
        finally:
            sentry_sdk.get_client().close()
            sentry_sdk.init()
            server.shutdown()


def test_a_crash_is_told_without_anything_that_people_entered(told: tuple[str, list[str]]) -> None:
    dsn, received = told
    log = structlog.wrap_logger(
        structlog.PrintLogger(), processors=[*crashes.reporting(dsn), structlog.processors.KeyValueRenderer()]
    )

    try:
        _crash("anna.berg@firm.example")
    except ValueError as error:
        log.error("jobs.crashed", exc_info=error, email="anna.berg@firm.example")
    sentry_sdk.flush(5)

    (event,) = [json.loads(line) for line in received[0].splitlines() if '"exception"' in line]
    (crash,) = event["exception"]["values"]
    assert crash["type"] == "ValueError"
    assert crash["stacktrace"]["frames"][-1]["function"] == "_crash"
    assert event["tags"] == {"event": "jobs.crashed"}
    assert "anna" not in received[0]
    assert "firm.example" not in received[0]


def test_what_is_no_crash_is_not_told(told: tuple[str, list[str]]) -> None:
    dsn, received = told
    log = structlog.wrap_logger(
        structlog.PrintLogger(), processors=[*crashes.reporting(dsn), structlog.processors.KeyValueRenderer()]
    )

    log.warning("memory.silent", error="TimeoutError")
    sentry_sdk.flush(1)

    assert received == []


def test_without_an_address_nothing_is_loaded() -> None:
    assert crashes.reporting(None) == ()


def _crash(email: str) -> None:
    raise ValueError(f"{email} is not welcome")
