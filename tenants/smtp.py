"""The mail server, spoken to over a few connections that are kept.

SMTP_URL says where it is and how it is reached:

- ``smtps://user:password@host`` (465): encrypted from the first byte.
- ``smtp://user:password@host`` (587): encrypted by STARTTLS, or nothing is sent, least of all the password.
- ``smtp://host?starttls=required`` (25): the same without a password.
- ``smtp://host`` (25): plain. Whoever can listen on the way reads every link; for a server on the same machine.

Encrypted means: with a certificate for this very host from an authority that this machine trusts (SSL_CERT_FILE names
further ones).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from functools import cache
from threading import Lock, Timer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tenants.circuit import Circuit
from tenants.clock import stopwatch

CONNECTIONS = 4
"""At once, of one process."""

GREETING = 10.0
"""Seconds until the server is connected, has agreed on encryption and has greeted."""

COMMAND = 15.0
"""Seconds for the answer to one command."""

DATA = 30.0
"""Seconds for the answer to the text of a mail: some servers look at it for long."""

TOTAL = 60.0
"""Seconds for one mail, however the server spreads its bytes."""

KEPT_FOR = 20.0
"""Seconds without a mail after which a connection is closed."""

MOST_MAILS = 50
"""Over one connection: many servers want no more."""

_CLOSING = 421
_PERMANENT = 500


class Away(Exception):
    """The server cannot be reached, or lets nobody in. No mail is to blame."""


class Interrupted(Exception):
    """The connection broke while a mail was handed over; perhaps the server has taken it."""


class Refused(Exception):
    """The server does not take this mail, or it is none."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    host: str
    port: int
    by_tls: bool
    """From the first byte."""

    by_starttls: bool
    user: str
    password: str

    @property
    def is_plain(self) -> bool:
        return not (self.by_tls or self.by_starttls)


def read(url: str) -> Server:
    """What an SMTP_URL says."""
    parts = urlsplit(url)
    by_tls, user = parts.scheme == "smtps", unquote(parts.username or "")
    wants_starttls = parse_qs(parts.query).get("starttls") == ["required"]
    usual = smtplib.SMTP_SSL_PORT if by_tls else 587 if user else smtplib.SMTP_PORT
    return Server(
        host=parts.hostname or "localhost",
        port=parts.port or usual,
        by_tls=by_tls,
        by_starttls=not by_tls and (bool(user) or wants_starttls),
        user=user,
        password=unquote(parts.password or ""),
    )


class Connection(smtplib.SMTP):
    """Open, encrypted as the server's address demands, and logged in.

    Raises OSError, smtplib.SMTPException.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._raw: socket.socket | None = None
        self.sent = 0
        self.used_at = stopwatch()
        try:
            with self.limited(TOTAL):
                super().__init__(server.host, server.port, local_hostname=_own_name(), timeout=GREETING)
                self._introduce(server)
        except BaseException:
            self.close()
            raise

    def _introduce(self, server: Server) -> None:
        self._wait_at_most(COMMAND)
        if server.by_starttls:
            self.starttls(context=ssl.create_default_context())
        if server.user:
            self.login(server.user, server.password)

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        reached = socket.create_connection((host, port), GREETING, source_address)
        # The same connection under another number: it can be cut off whatever encryption makes of the first.
        self._raw, self.sock = reached.dup(), reached
        if self._server.by_tls:
            self.sock = ssl.create_default_context().wrap_socket(reached, server_hostname=host)
        self.file = None
        return self.getreply()

    def data(self, msg: str | bytes | bytearray) -> tuple[int, bytes]:  # type: ignore[override]
        self._wait_at_most(DATA)
        try:
            return super().data(msg)
        finally:
            self._wait_at_most(COMMAND)

    def _wait_at_most(self, seconds: float) -> None:
        if self.sock is not None:
            self.sock.settimeout(seconds)

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Whoever sends a byte a second is never late with the next one; after so long the connection is cut off."""
        watch = Timer(seconds, self._cut_off)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _cut_off(self) -> None:
        with suppress(OSError):
            if self._raw is not None:
                self._raw.shutdown(socket.SHUT_RDWR)

    def is_alive(self) -> bool:
        """Whether it can take another mail; what was left of the one before is forgotten."""
        try:
            with self.limited(COMMAND):
                return self.rset()[0] == 250  # noqa: PLR2004  "fine" (RFC 5321)
        except (OSError, smtplib.SMTPException):
            return False

    def close(self) -> None:
        super().close()
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    def leave(self) -> None:
        try:
            with self.limited(COMMAND):
                self.quit()
        except (OSError, smtplib.SMTPException):
            self.close()


class Sender:
    """Hands mails to one server. Of one process; threads may share it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = Lock()
        self._idle: list[Connection] = []
        self.circuit = Circuit(patience=3, first=timedelta(seconds=5), longest=timedelta(minutes=1))

    def send(self, message: EmailMessage) -> None:
        """Raises Away, Interrupted, Refused."""
        connection = self._kept() or self._opened()
        try:
            with connection.limited(TOTAL):
                _hand_over(connection, message)
        except Interrupted:
            self.circuit.failed()
            connection.close()
            raise
        except Refused:
            self._answered(connection)
            raise
        self._answered(connection)

    def idle(self) -> tuple[Connection, ...]:
        return tuple(self._idle)

    def _kept(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.is_alive():
                return connection
            connection.close()

    def _opened(self) -> Connection:
        try:
            return Connection(self._server)
        except (OSError, smtplib.SMTPException) as error:
            self.circuit.failed()
            raise Away(_said(error)) from error

    def _answered(self, connection: Connection) -> None:
        """Whoever refuses a mail answers, too."""
        self.circuit.succeeded()
        connection.sent += 1
        connection.used_at = stopwatch()
        if connection.sock is None or connection.sent >= MOST_MAILS:
            connection.leave()
            return
        with self._lock:
            self._idle.append(connection)
        closing = Timer(KEPT_FOR, self.close_unused)
        closing.daemon = True
        closing.start()

    def close_unused(self) -> None:
        with self._lock:
            old = [one for one in self._idle if stopwatch() - one.used_at >= KEPT_FOR]
            self._idle = [one for one in self._idle if one not in old]
        for one in old:
            one.leave()


def _hand_over(connection: Connection, message: EmailMessage) -> None:
    """Raises Interrupted, Refused."""
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()))
        raise Refused(_said(error), is_final=code >= _PERMANENT) from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == _CLOSING:
            raise Interrupted(_said(error)) from error
        raise Refused(_said(error), is_final=error.smtp_code >= _PERMANENT) from error
    # A text that makes no mail, or an address that this server cannot take.
    except (ValueError, smtplib.SMTPNotSupportedError) as error:
        raise Refused(_said(error), is_final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Interrupted(_said(error)) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


@cache
def _own_name() -> str:
    """What this machine calls itself; to ask for it may take long."""
    return socket.getfqdn()


_senders: dict[str, Sender] = {}


def sender(url: str) -> Sender:
    """The one of this process."""
    found = _senders.get(url)
    return found or _senders.setdefault(url, Sender(read(url)))


def senders() -> tuple[Sender, ...]:
    return tuple(_senders.values())
