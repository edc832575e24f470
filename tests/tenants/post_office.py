"""Mail servers that encrypt, ask for a password, refuse, or say nothing. Their certificates come from an authority of
ours.
"""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.ports import free_port

HOST = "127.0.0.1"


@dataclass
class PostOffice:
    """What a mail server was told, in the order in which it came."""

    port: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    """By recipient, what it is answered."""

    subjects: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    connections: int = 0
    passwords: list[str] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802  the name that aiosmtpd calls
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        lines = bytes(envelope.content or b"").decode().splitlines()
        heads = dict(line.split(": ", 1) for line in lines[: lines.index("")] if ": " in line)
        self.subjects.append(heads["Subject"])
        self.ids.append(heads["Message-ID"])
        return "250 taken"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.passwords.append(data.password.decode())
        return AuthResult(success=True)


class _Closing(Controller):
    """Closes its connections when it stops: the product keeps them open, and theirs would be found open much later."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._made: list[SMTP] = []
        super().__init__(*arguments, **options)

    def factory(self) -> SMTP:
        self._made.append(super().factory())
        return self._made[-1]

    def cancel_tasks(self, stop_loop: bool = True) -> None:
        for one in self._made:
            if one.transport is not None:
                one.transport.abort()
        super().cancel_tasks(stop_loop)


class _Secured(_Closing):
    """By TLS from the first byte, known to be ready without a byte of ours."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port)):
            pass


@contextmanager
def post_office(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, port: int = 0
) -> Iterator[PostOffice]:
    found, kind = PostOffice(), _Secured if tls else _Closing
    with warnings.catch_warnings():
        # It warns of passwords without encryption, which is what some of these stories are about.
        warnings.simplefilter("ignore")
        server = kind(
            found,
            hostname=HOST,
            port=port or free_port(),
            ssl_context=tls,
            tls_context=starttls,
            authenticator=found.authenticate,
            auth_require_tls=False,
        )
        server.start()
        found.port = server.port
        try:
            yield found
        finally:
            server.stop()


@dataclass
class Authority:
    """A certificate authority, and the file by which programs know it."""

    file: Path
    ca: trustme.CA

    def context(self, *names: str) -> ssl.SSLContext:
        """Of a server whose certificate is for these names."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(*names).configure_cert(context)
        return context


def authority(folder: Path) -> Authority:
    ca, file = trustme.CA(), folder / "authority.pem"
    ca.cert_pem.write_to_path(file)
    return Authority(file=file, ca=ca)


@contextmanager
def silent_server(*, says: bytes = b"", again_every: float | None = None) -> Iterator[int]:
    """Accepts every connection, says this much, once or again and again, and nothing else; answers its port."""
    stop, taken = Event(), []
    with socket.create_server((HOST, 0)) as server:

        def speak() -> None:
            while not stop.wait(again_every or 3600):
                for connection in taken:
                    with suppress(OSError):
                        connection.sendall(says)

        def accept() -> None:
            while not stop.is_set():
                with suppress(OSError):
                    connection, _ = server.accept()
                    taken.append(connection)
                    connection.sendall(says)

        accepting = Thread(target=accept, daemon=True)
        accepting.start()
        Thread(target=speak, daemon=True).start()
        yield int(server.getsockname()[1])
        stop.set()
        with suppress(OSError):
            socket.create_connection(server.getsockname()).close()
        accepting.join()
    for connection in taken:
        connection.close()
