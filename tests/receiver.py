"""A stranger that takes webhooks, for tests: strict, slow, or out of its mind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

TOLERANCE = 300
"""Seconds by which the sender's clock may differ."""

Said = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Call:
    path: str
    headers: Message
    body: bytes

    @property
    def id(self) -> str:
        return str(self.headers["webhook-id"])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    port: int = 0
    scheme: str = "http"
    calls: list[Call] = field(default_factory=list)
    says: list[Said] = field(default_factory=list)
    """What it answers to the next calls; afterwards, and if there is nothing, it takes everything (204)."""

    always: int = 204
    manner: str = ""
    """silent, dripping, gone, babbling: it does not answer as one should."""

    seconds: float = 0
    """How long it thinks before it answers."""

    closing: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"


def verified(call: Call, secret: str, *, now: float | None = None) -> Any:
    """What was sent, if it is signed as the Standard Webhooks ask: id, moment and body, by this secret, just now.

    Raises AssertionError.
    """
    moment = call.headers["webhook-timestamp"]
    assert abs((time.time() if now is None else now) - int(moment)) < TOLERANCE
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    signed = f"{call.id}.{moment}.".encode() + call.body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [one.split(",") for one in call.headers["webhook-signature"].split(" ")]
    assert any(version == "v1" and hmac.compare_digest(signature, wanted) for version, signature in given)
    return call.json


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever calls may hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        length = int(self.headers["Content-Length"] or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever called was killed before it had said everything: that is no call.
            self.close_connection = True
            return
        receiver.calls.append(Call(self.path, self.headers, body))
        if receiver.manner:
            self._misbehave(receiver)
            return
        receiver.closing.wait(receiver.seconds)
        status, headers, said = receiver.says.pop(0) if receiver.says else (receiver.always, {}, b"")
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(said))}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(said)

    def _misbehave(self, receiver: Receiver) -> None:
        self.close_connection = True
        match receiver.manner:
            case "silent":
                receiver.closing.wait(20)
            case "dripping":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not receiver.closing.wait(0.1):
                    self.wfile.write(b"x")
            case "babbling":
                self.wfile.write(b"220 mail.example ESMTP\r\n")

    def log_message(self, *_arguments: Any) -> None:
        """Tests read what was called."""


@contextmanager
def receiver(*, certificate: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.receiver = Receiver(port=server.server_address[1])
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.receiver.scheme = "https"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.receiver
        finally:
            server.receiver.closing.set()
            server.shutdown()
            thread.join()
