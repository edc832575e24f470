"""Sockets that know how many bytes went over the wire, and on whose account. They know nothing of who that is.

What was sent is asked of the kernel (TCP_INFO), so of an answer that nobody waited for only that counts which left.
What it still holds when a request ends is booked when the next one begins, or when the connection is closed.

A long body and a long answer are booked in steps while they are under way: a process that is killed has booked all but
the last step of each connection.
"""

from __future__ import annotations

import array
import errno
import fcntl
import os
import socket
import struct
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakValueDictionary

Book = Callable[[Any, int, int, int], None]
"""(account, bytes received, bytes sent, requests): add this to what was booked before."""

NOBODY = None
"""On whose account goes what belongs to nobody: knocks at doors, static files, garbage."""

_PIECE = 1 << 20
_LONGEST_LEAVING = 60.0
_MOST_LEAVING = 500
_INFO_BYTES = 216
_SENT_AND_AGAIN = struct.Struct("=QQ")
"""tcpi_bytes_sent and tcpi_bytes_retrans, behind 200 bytes of other things."""

_SENT_AT = 200
_OVER = 7
"""tcpi_state: the other side has reset the connection, or both have ended it."""


def _nowhere(_account: Any, _received: int, _sent: int, _requests: int) -> None:
    return


_book: Book = _nowhere


def book_with(book: Book) -> None:
    """Whoever keeps the accounts says so once, before the first connection."""
    global _book  # noqa: PLW0603  the sockets of a process have one set of accounts
    _book = book


class CountedSocket(socket.socket):
    """A client's connection."""

    __slots__ = ("account", "booked", "is_answering", "peer", "received", "sent")

    def __init__(self, accepted: socket.socket, peer: Any = None) -> None:
        waits = accepted.gettimeout()
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self.settimeout(waits)
        self.account: Any = NOBODY
        self.peer = peer
        self.is_answering = False
        """Whether what comes belongs to a request: between two of them the account is still that of the one before."""

        self.received = self.sent = self.booked = 0
        """Received and not booked yet; given to the kernel so far; booked of that."""

    def recv(self, *arguments: Any) -> bytes:
        got = super().recv(*arguments)
        self._got(len(got))
        return got

    def recv_into(self, *arguments: Any) -> int:
        got = super().recv_into(*arguments)
        self._got(got)
        return got

    def send(self, data: Any, *arguments: Any) -> int:
        taken = super().send(data, *arguments)
        self._gave(taken)
        return taken

    def sendmsg(self, *arguments: Any) -> int:
        taken = super().sendmsg(*arguments)
        self._gave(taken)
        return taken

    def sendall(self, data: Any, *arguments: Any) -> None:
        # The original does not say how much was taken before it failed.
        left = memoryview(data).cast("B")
        while left:
            left = left[self.send(left, *arguments) :]

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        number, start = file.fileno(), offset
        end = os.fstat(number).st_size if count is None else offset + count
        while offset < end:
            taken = os.sendfile(self.fileno(), number, offset, min(end - offset, _PIECE))
            if not taken:
                break
            self._gave(taken)
            offset += taken
        return offset - start

    def _gave(self, taken: int) -> None:
        self.sent += taken
        if self.sent - self.booked > _PIECE:
            self.book()

    def _got(self, came: int) -> None:
        self.received += came
        # Of a body that is read before anybody has said whose it is, nothing is booked on the wrong account.
        if self.received > _PIECE and self.is_answering and self.account is not NOBODY:
            self.book()

    def begin(self) -> None:
        """A request begins: its head was read already, and what is left of the answer before has another account."""
        if self.sent > self.booked:
            head, self.received = self.received, 0
            self.book()
            self.received = head
        self.account = NOBODY
        self.is_answering = True

    def end(self) -> None:
        """The request is answered. What is left of the answer stays on its account."""
        self.is_answering = False
        self.book(1)

    def book(self, requests: int = 0) -> None:
        """Book all that went over the wire and was not booked yet."""
        received, gone = self.received, self._gone()[0] - self.booked
        if received or gone or requests:
            self.received = 0
            self.booked += gone
            _book(self.account, received, gone, requests)

    def _gone(self) -> tuple[int, bool]:
        """How many bytes went over the wire, and whether any that are left may still go."""
        if self.sent == self.booked:
            return self.sent, False
        try:
            info = self.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
        except (AttributeError, OSError):
            return self.sent, False
        if len(info) < _INFO_BYTES:
            return self.sent, False
        sent, again = _SENT_AND_AGAIN.unpack_from(info, _SENT_AT)
        gone = max(self.booked, min(self.sent, sent - again))
        return gone, gone < self.sent and info[0] != _OVER

    def close(self) -> None:
        """What the kernel has not sent by now is watched until it has."""
        if self.fileno() >= 0:
            self.received += self._unread()
            may_go = self._gone()[1]
            self.book()
            if may_go and len(_leaving) < _MOST_LEAVING:
                _leaving.append(_Leaving(self))
            _open.pop(self.peer, None)
        super().close()

    def _unread(self) -> int:
        """Bytes that came and that nobody wanted any more."""
        waiting = array.array("i", [0])
        try:
            fcntl.ioctl(self.fileno(), termios.FIONREAD, waiting)
        except OSError:
            return 0
        return waiting[0]


class _Leaving:
    """A closed connection whose last bytes are still with the kernel."""

    def __init__(self, closed: CountedSocket) -> None:
        again = socket.socket(closed.family, closed.type, closed.proto, os.dup(closed.fileno()))
        self._socket = CountedSocket(again)
        self._socket.account, self._socket.sent, self._socket.booked = closed.account, closed.sent, closed.booked
        self._until = time.monotonic() + _LONGEST_LEAVING
        try:
            closed.shutdown(socket.SHUT_WR)
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise

    def has_left(self) -> bool:
        may_go = self._socket._gone()[1]
        self._socket.book()
        if may_go and time.monotonic() < self._until:
            return False
        socket.socket.close(self._socket)
        return True


_leaving: list[_Leaving] = []
_open: WeakValueDictionary[Any, CountedSocket] = WeakValueDictionary()
_answered: ContextVar[CountedSocket | None] = ContextVar("answered", default=None)
"""The connection that the request came on which is being answered here."""


def see_off() -> None:
    """Look after the closed connections; whoever serves does so every second."""
    for one in _leaving.copy():
        if one.has_left():
            _leaving.remove(one)


def of_peer(peer: Any) -> CountedSocket | None:
    """The connection with this address at its other end."""
    return _open.get(tuple(peer)) if peer else None


@contextmanager
def request_on(connection: socket.socket | None) -> Iterator[None]:
    """One request from its beginning to its end; whoever answers it may say on whose account it goes."""
    if not isinstance(connection, CountedSocket):
        yield
        return
    connection.begin()
    before = _answered.set(connection)
    try:
        yield
    finally:
        _answered.reset(before)
        connection.end()


def charge(account: Any) -> None:
    """What is transferred for the request that is being answered goes on this account."""
    connection = _answered.get()
    if connection is not None:
        connection.account = account


def book_so_far() -> None:
    """For an answer that may take all day."""
    connection = _answered.get()
    if connection is not None:
        connection.book()


class CountingListener(socket.socket):
    """Whoever is let in by it is counted."""

    def __init__(self, listening: socket.socket, kind: type[CountedSocket] = CountedSocket) -> None:
        waits = listening.gettimeout()
        super().__init__(listening.family, listening.type, listening.proto, listening.detach())
        self.settimeout(waits)
        self._kind = kind

    def accept(self) -> tuple[CountedSocket, Any]:
        accepted, peer = super().accept()
        counted = self._kind(accepted, peer)
        if isinstance(peer, tuple):
            _open[peer] = counted
        return counted, peer
