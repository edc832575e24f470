"""A browser as far as a server can tell: keeps its connection, its cookies and the token of its forms."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import brotli

from benchmarks.sizes import OWNER, PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_FORM = "application/x-www-form-urlencoded"
_BOUNDARY = "----benchmark"


class Refused(RuntimeError):
    """The server did not answer as it should; a measurement of mistakes is worth nothing."""


@dataclass(frozen=True, kw_only=True)
class Request:
    path: str
    form: Mapping[str, str | Sequence[str]] | None = None
    """Given: a POST that the server must answer with a redirect."""

    json: Mapping[str, object] | None = None
    """Given: a POST to an interface for programs, which must answer that something was created."""

    by_token: bool = False
    """Asked by a program, not from a page."""

    file: bytes | None = None
    file_name: str = "list.csv"
    label: str = ""
    """What its time is listed under, beside all others of its operation."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    seconds: float
    size: int
    """Bytes of the body as they went over the wire."""

    location: str
    body: bytes
    encoding: str

    @property
    def text(self) -> str:
        return (brotli.decompress(self.body) if self.encoding == "br" else self.body).decode()


@dataclass
class Client:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    bearer: str = ""
    """What a program shows in the place of cookies."""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def log_in(self) -> None:
        self.token = _token(self.send(Request(path="/login")).text)
        self.send(Request(path="/login", form={"email": OWNER, "password": PASSWORD}))

    def begin(self, path: str) -> None:
        """Open a page and keep the token of its forms."""
        self.token = _token(self.send(Request(path=path)).text)

    def twin(self) -> Client:
        """Another connection of the same person."""
        return Client(self.port, dict(self.cookies), self.token, self.bearer)

    def send(self, request: Request) -> Answer:
        """Raises Refused."""
        began = time.perf_counter()
        response, body = self._exchange(request)
        seconds = time.perf_counter() - began
        for header in response.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        _check(request, response)
        return Answer(
            seconds=seconds,
            size=len(body),
            location=urlsplit(response.headers.get("Location", "")).path,
            body=body,
            encoding=response.headers.get("Content-Encoding", ""),
        )

    def _exchange(self, request: Request) -> tuple[http.client.HTTPResponse, bytes]:
        body, kind = self._body(request)
        headers = {"Accept-Encoding": "br", "Accept": "text/html", "Content-Type": kind}
        if request.by_token or request.json is not None:
            headers |= {"Authorization": f"Bearer {self.bearer}", "Accept": "application/json"}
        else:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for attempt in (1, 2):
            try:
                self._connection.request("GET" if body is None else "POST", request.path, body, headers)
                response = self._connection.getresponse()
                return response, response.read()
            except (http.client.RemoteDisconnected, ConnectionError):
                # The server ends a connection that was silent for some seconds.
                self._connection.close()
                if attempt == 2:  # noqa: PLR2004
                    raise
        raise AssertionError

    def _body(self, request: Request) -> tuple[bytes | None, str]:
        if request.json is not None:
            return json.dumps(request.json).encode(), "application/json"
        if request.form is None:
            return None, _FORM
        form = {"csrf_token": self.token, **request.form}
        if request.file is None:
            return urlencode(form, doseq=True).encode(), _FORM
        return _multipart(form, request.file_name, request.file), f"multipart/form-data; boundary={_BOUNDARY}"


def _check(request: Request, response: http.client.HTTPResponse) -> None:
    wanted = HTTPStatus.OK if request.form is None else HTTPStatus.SEE_OTHER
    if request.json is not None:
        wanted = HTTPStatus.CREATED
    if response.status != wanted:
        raise Refused(f"{request.path} answered {response.status} instead of {wanted.value}.")


def _token(page: str) -> str:
    found = _TOKEN.search(page)
    if found is None:
        raise Refused("The page has no form with a token.")
    return found[1]


def _multipart(form: Mapping[str, str | Sequence[str]], name: str, file: bytes) -> bytes:
    parts = [f'Content-Disposition: form-data; name="{n}"\r\n\r\n{v}'.encode() for n, v in form.items()]
    named = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    parts.append(named.encode() + file)
    mark = f"--{_BOUNDARY}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
