"""Threads for those who ask and for nobody else: a thread is taken when a request has come, and is free again when its
answer is made. Who is slow in asking or in taking waits in the poller, until they are too slow.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from config.connections import Connection, HeadTooLong, Waits
from config.server_limits import server_limits

_NOBODY_CAME = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_PIECE = 1 << 16
_MOST_KEPT = 64 << 20
"""Bytes that a process keeps of answers which their clients do not take."""

_LINGERING = 2.0
"""Seconds for a client to hang up after our last word (RFC 9112, section 9.6), and to send what it may have begun to
send when we stop.
"""

_MOST_DRAINED = 1 << 16
_LOOK_SECONDS = 0.25
_STOPPING_SECONDS = 0.1


class PatientThreads(ThreadWorker):
    """gunicorn's threads, with a poller of ours before and behind them. Its sockets are PacedSockets."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._connections: dict[str, set[Connection]] = {}
        """All, by address."""

        self._waiting: dict[Connection, None] = {}
        self._long: deque[Connection] = deque()
        """Those with a long body that wait for a thread."""

        self._reading = 0
        """Threads that are busy with a long body."""

        self._looks_at = 0.0

    def set_accept_enabled(self, enabled: bool | None) -> None:
        """When we stop, whoever stands in the queue of the kernel is let in first; to close it would reset them."""
        super().set_accept_enabled(enabled)
        is_over = not enabled and not self.alive
        for listener in self.sockets if is_over else ():
            # Nothing may come in between the last look and the closing.
            while self._let_in(listener):
                continue
            listener.close()

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        super().wait_for_and_dispatch_events(timeout if self.alive else _STOPPING_SECONDS)

    def murder_keepalived(self, force: bool = False) -> None:
        """Drop whoever has had their time; gunicorn asks for it after each round of events."""
        now = time.monotonic()
        if force or now >= self._looks_at:
            self._looks_at = now + _LOOK_SECONDS
            for conn in [one for one in self._waiting if force or one.until <= now]:
                self._drop(conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """What has been gathered of a body is passed over without waiting."""
        if isinstance(conn, Connection) and not conn.is_long:
            return keepalive and bool(conn.parser.finish_body())
        return bool(super()._keepalive_after(conn, keepalive))  # type: ignore[misc]  # unknown to the stubs

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self._waiting:
            if conn.waits is Waits.REQUEST:
                conn.until = min(conn.until, deadline)

    def accept(self, listener: Any) -> None:
        self._let_in(listener)

    def _let_in(self, listener: Any) -> bool:
        """One client; answers whether one was there."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_ROOM:
                self._make_room(self._waiting)
            elif error.errno not in _NOBODY_CAME:
                raise
            return False
        conn = Connection(self.cfg, client, address, listener.getsockname())
        self._admit(conn)
        self._hear(conn)
        return True

    def _admit(self, conn: Connection) -> None:
        limits = server_limits()
        neighbours = self._connections.setdefault(conn.address, set())
        if conn.address and len(neighbours) >= limits.connections_per_address:
            self._make_room([one for one in neighbours if one in self._waiting])
        if self.nr_conns + 1 >= limits.connections:
            self._make_room(self._waiting)
        neighbours.add(conn)
        self.nr_conns += 1

    def _make_room(self, among: Iterable[Connection]) -> None:
        """Whoever waits without a request goes first, then whoever has had most of their time."""
        if found := min(among, key=lambda one: (one.waits, one.until), default=None):
            self._drop(found)

    def _hear(self, conn: Connection) -> None:
        """Take what has come of the next request; a thread begins when there is enough."""
        try:
            came = conn.sock.take(_PIECE)
        except BlockingIOError:
            self._go_on_waiting(conn)
        except OSError:
            self._drop(conn)
        else:
            conn.came += came
            if came:
                self._begin_or_wait(conn)
            else:
                self._drop(conn)

    def _begin_or_wait(self, conn: Connection) -> None:
        try:
            whole = conn.is_whole()
        except HeadTooLong:
            self._refuse_head(conn)
            return
        if not whole:
            self._go_on_waiting(conn)
            return
        self._stop_watching(conn)
        if conn.is_long:
            self._line_up(conn)
        else:
            self.enqueue_req(conn)

    def _refuse_head(self, conn: Connection) -> None:
        try:
            util.write_error(conn.sock, 431, "Request Header Fields Too Large", "")
        except OSError:
            self._drop(conn)
        else:
            self._end(conn)

    def _go_on_waiting(self, conn: Connection) -> None:
        now = time.monotonic()
        conn.wait_for_request(now)
        if not self.alive and conn.waits is Waits.REQUEST:
            conn.until = min(conn.until, now + _LINGERING)
        self._watch(conn, selectors.EVENT_READ, self._hear)

    def _line_up(self, conn: Connection) -> None:
        conn.wait_for_thread(time.monotonic())
        self._waiting[conn] = None
        self._long.append(conn)
        self._read_long()

    def _read_long(self) -> None:
        """Half of the threads stay for those who only ask."""
        while self._long and self._reading < max(1, self.cfg.threads // 2):
            conn = self._long.popleft()
            if conn in self._waiting:
                del self._waiting[conn]
                self._reading += 1
                self.enqueue_req(conn)

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        """A thread has answered."""
        assert isinstance(conn, Connection)
        if conn.is_long:
            self._reading -= 1
            self._read_long()
        conn.is_kept = fs.exception() is None and fs.result()
        self._let_take(conn)
        if conn.waits is Waits.TAKING and self._amount_kept() > _MOST_KEPT:
            self._make_room([one for one in self._waiting if one.waits is Waits.TAKING])

    def _amount_kept(self) -> int:
        return sum(one.sock.amount_kept() for one in self._waiting if one.waits is Waits.TAKING)

    def _let_take(self, conn: Connection) -> None:
        """What the client has not taken of the answer yet; then comes the next request, or the end."""
        try:
            taken = conn.sock.push()
        except OSError:
            self._drop(conn)
            return
        if not taken:
            self._watch(conn, selectors.EVENT_WRITE, self._let_take)
            conn.wait_until_taken(time.monotonic())
        elif not conn.is_kept:
            self._end(conn)
        elif conn.begin_anew():
            self._begin_or_wait(conn)
        else:
            self._go_on_waiting(conn)

    def _end(self, conn: Connection) -> None:
        """Hang up, and wait a little until the client does: what it still sends would cost it our answer."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.waits, conn.until = Waits.END, time.monotonic() + _LINGERING
        self._watch(conn, selectors.EVENT_READ, self._drain)

    def _drain(self, conn: Connection) -> None:
        try:
            came = len(conn.sock.take(_PIECE))
        except OSError:
            came = 0
        conn.drained += came
        if not came or conn.drained > _MOST_DRAINED:
            self._drop(conn)

    def _watch(self, conn: Connection, events: int, then: Callable[[Connection], None]) -> None:
        self._waiting[conn] = None
        if conn.watched == events:
            return
        if conn.watched:
            self.poller.unregister(conn.sock)
        conn.watched = events
        # Of a round of events one may drop a connection that another is for.
        self.poller.register(conn.sock, events, lambda _socket: then(conn) if conn.watched == events else None)

    def _stop_watching(self, conn: Connection) -> None:
        self._waiting.pop(conn, None)
        if conn.watched:
            conn.watched = 0
            self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._stop_watching(conn)
        neighbours = self._connections[conn.address]
        neighbours.discard(conn)
        if not neighbours:
            del self._connections[conn.address]
        self.nr_conns -= 1
        conn.close()
