"""People and programs at work while versions change: what they were answered, and what they were promised."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.deploy.visitor import Visitor

READING_PAUSE, WRITING_PAUSE = 0.1, 0.4
"""Seconds after each answer; a program that asks more often than it may would be told to wait."""

_READERS = 2
_WRITERS = 2


@dataclass
class Load:
    """Readers with a log-in that was made before, writers with a token."""

    reader: Visitor
    writer: Visitor
    slug: str
    failures: list[str] = field(default_factory=list)
    answered: int = 0
    written: set[str] = field(default_factory=set)
    """Names of companies whose making was acknowledged."""

    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def threads(self) -> list[threading.Thread]:
        reading = [(self._read, READING_PAUSE)] * _READERS
        writing = [(self._write_as(number), WRITING_PAUSE) for number in range(_WRITERS)]
        return [threading.Thread(target=self._repeat, args=work) for work in reading + writing]

    def stop(self) -> None:
        self._over.set()

    def _repeat(self, step: Callable[[], str | None], pause: float) -> None:
        while not self._over.is_set():
            try:
                failure = step()
            except (OSError, http.client.HTTPException) as error:
                failure = repr(error)
            with self._lock:
                self.answered += 1
                if failure:
                    self.failures.append(failure)
            time.sleep(pause)

    def _read(self) -> str | None:
        answer = self.reader.get(f"/{self.slug}/companies")
        # Whoever is led to the log-in page has lost the session.
        return None if answer.status == 200 else f"GET {answer.status} {answer.headers.get('location', '')}"

    def _write_as(self, number: int) -> Callable[[], str | None]:
        count = iter(range(1_000_000))

        def write() -> str | None:
            name = f"Werft {number}-{next(count)}"
            body = json.dumps({"name": name}).encode()
            kind = {"Content-Type": "application/json"}
            answer = self.writer.ask("POST", f"/{self.slug}/api/v1/companies", body=body, headers=kind)
            if answer.status != 201:
                return f"POST {answer.status} {answer.body[:200]!r}"
            with self._lock:
                self.written.add(name)
            return None

        return write


@contextmanager
def load(reader: Visitor, writer: Visitor, slug: str) -> Iterator[Load]:
    made = Load(reader, writer, slug)
    threads = made.threads()
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        made.stop()
        for thread in threads:
            thread.join()
