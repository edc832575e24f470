"""Somebody who comes through the proxy: one connection a request, cookies kept, forms sent as a browser sends them."""

from __future__ import annotations

import http.client
import re
import ssl
from contextlib import closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

_PATIENCE_SECONDS = 60
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Visitor:
    """One browser, or one program with a token."""

    port: int
    trust: ssl.SSLContext
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        with closing(self.connect()) as connection:
            connection.request(method, path, body=body, headers=self.headers() | (headers or {}))
            return self._read(connection.getresponse())

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.port, timeout=_PATIENCE_SECONDS, context=self.trust)

    def headers(self) -> dict[str, str]:
        kept = {"Referer": f"https://localhost:{self.port}/"}
        if self.token:
            kept["Authorization"] = f"Bearer {self.token}"
        if self.cookies:
            kept["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return kept

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def fill_in(self, path: str, **values: str) -> Answer:
        """Open the page and send its form."""
        token = self.form_token(path)
        body = urlencode({**values, "csrf_token": token}).encode()
        return self.ask("POST", path, body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    def form_token(self, path: str) -> str:
        page = self.get(path)
        found = _TOKEN.search(page.text)
        assert found, f"{path} answered {page.status} without a form"
        return found[1]

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        body = response.read()
        for line in response.headers.get_all("Set-Cookie", []):
            cookie: SimpleCookie = SimpleCookie(line)
            self.cookies |= {name: morsel.value for name, morsel in cookie.items()}
        headers: dict[str, Any] = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, headers, body)
