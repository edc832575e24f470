"""HTTP to strangers: the only door through which we call an address that a customer has named.

Such an address may lead inside, to what only our own machines can reach. So it is resolved once, every answer is
looked at, and the connection goes to what was looked at: a name that says something else a moment later changes
nothing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from urllib.parse import SplitResult, quote, urlsplit

from config.settings import settings
from tenants.clock import stopwatch

SECONDS = 10.0
"""For everything: finding the address, connecting, sending, reading."""

LARGEST = 1 << 16
"""Bytes of an answer; what is longer is not read to its end."""

LONGEST = 2000
"""Characters of an address."""

_LOOPBACK = "127.0.0.1"
_PORTS = frozenset({443, 8443})
_TRIES = 3
"""A host may have several addresses, not all of which are reached."""

_GLOBAL = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
# Routed or not, nobody receives anything there: protocol assignments, documentation, ways from IPv6 to IPv4.
_NOBODY = tuple(
    map(
        ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
)


class Trouble(StrEnum):
    """Why nothing was answered. Kept; never changes."""

    REFUSED = "refused"
    """The address leads where we do not go."""

    UNKNOWN = "unknown"
    """There is no such host."""

    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    UNTRUSTED = "untrusted"
    """Its certificate is not valid for the host."""

    NO_ANSWER = "no_answer"
    """What came was not HTTP, or broke off."""


class Failed(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an address leads, looked at."""

    host: str
    port: int
    path: str
    by_tls: bool
    addresses: Sequence[str]


def check(url: str) -> Place:
    """Where it leads; one lookup.

    Raises Failed: REFUSED, UNKNOWN, TOO_SLOW.
    """
    parts, port = _parts(url)
    host = _host(parts)
    is_test = settings().loopback_webhooks and host == _LOOPBACK
    if not is_test and (parts.scheme != "https" or port not in _PORTS):
        raise Failed(Trouble.REFUSED)
    addresses = [_LOOPBACK] if is_test else _resolved(host, port)
    if not is_test and not all(map(is_public, addresses)):
        raise Failed(Trouble.REFUSED)
    path = quote(parts.path or "/", safe="/%:=&~+!$,;'@()*") + (f"?{_query(parts)}" if parts.query else "")
    return Place(host=host, port=port, path=path, by_tls=parts.scheme == "https", addresses=addresses)


def _query(parts: SplitResult) -> str:
    return quote(parts.query, safe="/%:=&~+!$,;'@()*?[]")


def _parts(url: str) -> tuple[SplitResult, int]:
    if len(url) > LONGEST or "\\" in url or not url.isprintable() or " " in url:
        raise Failed(Trouble.REFUSED)
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Failed(Trouble.REFUSED) from error
    # "@" alone already says that a name comes before it, be it empty.
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise Failed(Trouble.REFUSED)
    return parts, port


def _host(parts: SplitResult) -> str:
    """As it is looked up, asked for and checked against the certificate."""
    name = (parts.hostname or "").rstrip(".")
    try:
        host = name if ":" in name else name.encode("idna").decode()
    except UnicodeError as error:
        raise Failed(Trouble.REFUSED) from error
    if not host or "%" in host:
        raise Failed(Trouble.REFUSED)
    return host


def is_public(address: str) -> bool:
    """Whether anybody on the internet could be there. What Python calls global lets ways into private nets pass."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found in _NAT64:
        found = IPv4Address(int(found) & 0xFFFFFFFF)
    if isinstance(found, IPv6Address) and found not in _GLOBAL:
        return False
    return found.is_global and not found.is_multicast and not any(found in net for net in _NOBODY)


def _resolved(host: str, port: int) -> Sequence[str]:
    """The system's resolver knows no time limit, so somebody else waits for it."""
    answered: SimpleQueue[list[str] | None] = SimpleQueue()
    Thread(target=lambda: answered.put(_look_up(host, port)), daemon=True).start()
    try:
        found = answered.get(timeout=SECONDS / 2)
    except Empty as error:
        raise Failed(Trouble.TOO_SLOW) from error
    if not found:
        raise Failed(Trouble.UNKNOWN)
    return found


def _look_up(host: str, port: int) -> list[str] | None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class _Pinned(HTTPConnection):
    """To an address that was looked at, in the name of the host that was asked for."""

    def __init__(self, place: Place, *, until: float) -> None:
        super().__init__(place.host, place.port)
        self.default_port = 443 if place.by_tls else 80
        self._place = place
        self._until = until
        self.is_late = False

    def connect(self) -> None:
        self.sock = self._reached()
        self.sock.settimeout(self._left())
        if self._place.by_tls:
            host = self._place.host
            secured = _trust().wrap_socket(self.sock, server_hostname=host, do_handshake_on_connect=False)
            self.sock = secured
            secured.do_handshake()

    def _reached(self) -> socket.socket:
        problem: OSError = TimeoutError()
        for address in self._place.addresses[:_TRIES]:
            try:
                return socket.create_connection((address, self._place.port), self._left())
            except OSError as error:
                problem = error
        raise problem

    def _left(self) -> float:
        """Raises TimeoutError."""
        left = self._until - stopwatch()
        if left <= 0:
            raise TimeoutError
        return left

    def give_up(self) -> None:
        """From another thread: whoever sends a byte a second is never late with the next one."""
        self.is_late = True
        try:
            # Not the method of a secured socket: it would first forget that it is one.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        except (OSError, AttributeError, TypeError):
            return


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
    """What the address answers, a redirect included: it is not followed.

    Raises Failed.
    """
    until = stopwatch() + SECONDS
    connection = _Pinned(check(url), until=until)
    with _limited(connection, seconds=until - stopwatch()):
        connection.request("POST", connection._place.path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read(LARGEST)
    return Answer(answer.status, body)


@contextmanager
def _limited(connection: _Pinned, *, seconds: float) -> Iterator[None]:
    watch = Timer(max(0.0, seconds), connection.give_up)
    watch.daemon = True
    watch.start()
    try:
        yield
        # What is cut off by us can look like the end of an answer.
        if connection.is_late:
            raise TimeoutError
    except (OSError, HTTPException, ValueError) as error:
        raise Failed(Trouble.TOO_SLOW if connection.is_late else _trouble(error)) from error
    finally:
        watch.cancel()
        connection.close()


def _trouble(error: Exception) -> Trouble:
    match error:
        case TimeoutError():
            return Trouble.TOO_SLOW
        case ssl.SSLCertVerificationError():
            return Trouble.UNTRUSTED
        case ssl.SSLError() | HTTPException() | ValueError() | ConnectionResetError() | BrokenPipeError():
            return Trouble.NO_ANSWER
        case _:
            return Trouble.UNREACHABLE
