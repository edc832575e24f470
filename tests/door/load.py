"""Writes into a running house by people and programs, each sent again until it is acknowledged, and remembered then."""

from __future__ import annotations

import http.client
import json
import random
import re
import time
import urllib.parse
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event, Thread

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_BOUNDARY = "----storm"
_TRY_AGAIN = {429, 500, 502, 503, 504}
_PATIENCE_SECONDS = 600

Form = Mapping[str, str | list[str]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    location: str
    body: bytes


class Refused(AssertionError):
    """The house said no to something that was right."""


@dataclass
class Caller:
    """A person with cookies, or a program with a token."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def insist(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """The same request until it is answered; whoever kills the server or the database is no reason to give up.

        Raises Refused.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        said: object = "nothing"
        while time.monotonic() < deadline:
            try:
                answer = self._ask(method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                said = error
            else:
                if answer.status not in _TRY_AGAIN:
                    return answer
                said = answer.status
            time.sleep(0.1)
        raise Refused(f"{method} {path} was never answered; the last was {said}.")

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, {"Cookie": cookies, **self.headers, **headers})
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie", []):
                name, _, value = header.partition(";")[0].partition("=")
                self.cookies[name] = value
            location = urllib.parse.urlsplit(answer.headers.get("Location", "")).path
            return Answer(status=answer.status, location=location, body=answer.read())


@dataclass
class Person(Caller):
    def log_in(self, email: str, password: str) -> None:
        self.send("/login", {"email": email, "password": password}, form_on="/login")

    def send(self, path: str, form: Form, *, form_on: str, file: tuple[str, bytes] | None = None) -> Answer:
        """What the form of a page sends; answered by a redirect to anywhere but the log-in.

        Raises Refused.
        """
        found = _TOKEN.search(self.insist("GET", form_on).body.decode())
        assert found is not None, form_on
        body, kind = _encoded({"csrf_token": found[1], **form}, file)
        answer = self.insist("POST", path, body, **{"Content-Type": kind})
        if answer.status not in {201, 303} or answer.location == "/login":
            raise Refused(f"{path} answered {answer.status} {answer.location}: {answer.body[-2000:].decode()}")
        return answer


@dataclass
class Program(Caller):
    def create(self, path: str, values: Mapping[str, object]) -> str:
        """The id of what was created, once, however often it had to be sent. Raises Refused."""
        key = f"{random.getrandbits(128):032x}"
        body = json.dumps(values).encode()
        answer = self.insist("POST", path, body, **{"Content-Type": "application/json", "Idempotency-Key": key})
        if answer.status != 201:
            raise Refused(f"{path} answered {answer.status}: {answer.body.decode()}")
        return str(json.loads(answer.body)["id"])


class Load:
    """Threads that write all the time, each one thing after the other."""

    def __init__(self) -> None:
        self.acknowledged = 0
        self._stop = Event()
        self._threads: list[Thread] = []
        self._failures: list[BaseException] = []

    def keep(self, write: Callable[[int], None]) -> None:
        """Call it with 0, 1, 2 ... until told to stop; it returns when the write was acknowledged."""
        thread = Thread(target=self._write, args=(write,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def finish(self) -> None:
        """What has been begun is still acknowledged. Raises what a writer raised."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def _write(self, write: Callable[[int], None]) -> None:
        number = 0
        try:
            while not self._stop.wait(0.05):
                write(number)
                self.acknowledged += 1
                number += 1
        except AssertionError as failure:
            self._failures.append(failure)


def _encoded(form: Form, file: tuple[str, bytes] | None) -> tuple[bytes, str]:
    if file is None:
        return urllib.parse.urlencode(form, doseq=True).encode(), "application/x-www-form-urlencoded"
    name, content = file
    mark = f"--{_BOUNDARY}\r\n".encode()
    parts = [f'Content-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in form.items()]
    parts.append(f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n")
    whole = b"".join(mark + part for part in parts) + f"--{_BOUNDARY}--\r\n".encode()
    return whole, f"multipart/form-data; boundary={_BOUNDARY}"
