"""A connection that no thread is busy with: what has come of its next request, and for how long it may wait."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any

from gunicorn.workers.gthread import TConn

from config.paced import PacedSocket
from config.server_limits import server_limits

LONGEST_HEAD = 1 << 16
MOST_GATHERED = 1 << 16
"""So many bytes of a body have come before a thread is taken; the rest of a longer one that thread reads."""

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n")


class Waits(IntEnum):
    """For what a connection waits that no thread is busy with. Where room is needed the first go first."""

    REQUEST = 0
    HEAD = 1
    END = 2
    """We have said our last word, and the client shall hang up."""

    TAKING = 3
    """The client takes its answer."""

    BODY = 4
    THREAD = 5
    """A long body has begun, and enough of them are being read."""


class HeadTooLong(Exception):
    """More has come than any head may be long, and no end of it."""


class Connection(TConn):
    """What the parser finds in ``came`` it does not wait for."""

    sock: PacedSocket
    parser: Any

    def __init__(self, cfg: Any, sock: PacedSocket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        # Nothing comes to a thread before there is something to read.
        self.data_ready = True
        self.came = bytearray()
        self.head = 0
        """Length of the head, once it is complete."""

        self.body = self.gathers = 0
        """Length of the body; how much of it has to come before a thread begins."""

        self.is_long = False
        """The thread is to read on."""

        self.waits = Waits.REQUEST
        self.until = 0.0
        self.watched = 0
        """Events that the poller tells of it."""

        self.is_kept = True
        self.drained = 0

    @property
    def address(self) -> str:
        return str(self.client[0]) if isinstance(self.client, tuple) else ""

    def init(self) -> None:
        super().init()
        if self.came:
            self.parser.unreader.unread(bytes(self.came))
            self.came.clear()

    def is_whole(self) -> bool:
        """Whether a thread can begin.

        Raises HeadTooLong.
        """
        if not self.head and not self._finds_head():
            # A line that ends otherwise is refused by the parser at once.
            return self.came.count(b"\n") != self.came.count(b"\r\n")
        return len(self.came) >= self.head + self.gathers

    def _finds_head(self) -> bool:
        end = self.came.find(_END)
        if end < 0:
            if len(self.came) > LONGEST_HEAD:
                raise HeadTooLong
            return False
        self.head = end + len(_END)
        told = bytes(self.came[: self.head]).lower()
        found = _LENGTH.search(told) if b"\r\ncontent-length:" in told else None
        self.body = int(found.group(1)) if found else 0
        # Of neither is known whether anything more comes by itself.
        by_thread = b"\r\ntransfer-encoding:" in told or b"\r\nexpect:" in told
        self.is_long = by_thread or self.body > MOST_GATHERED
        self.gathers = 0 if by_thread else min(self.body, MOST_GATHERED)
        return True

    def begin_anew(self) -> bool:
        """The request has been answered; answers whether something of the next one has come with it."""
        self.head = self.body = self.gathers = 0
        self.is_long, self.waits = False, Waits.REQUEST
        self.came += self.parser.unreader.take_buffered()
        return bool(self.came)

    def wait_for_request(self, now: float) -> None:
        """For its beginning as long as connections are kept, for its head from its first byte, for its body from its
        head.
        """
        limits = server_limits()
        if self.head:
            self._wait(Waits.BODY, now + limits.body_seconds + self.gathers / limits.slowest_rate)
        elif self.came:
            self._wait(Waits.HEAD, now + limits.head_seconds)
        else:
            self._wait(Waits.REQUEST, now + (self.cfg.keepalive if self.initialized else limits.head_seconds))

    def _wait(self, waits: Waits, until: float) -> None:
        """Whoever waits on for the same has no more time for it."""
        if waits is not self.waits or waits is Waits.REQUEST:
            self.waits, self.until = waits, until

    def wait_until_taken(self, now: float) -> None:
        limits = server_limits()
        self.waits = Waits.TAKING
        self.until = now + limits.body_seconds + self.sock.left_to_take() / limits.slowest_rate

    def wait_for_thread(self, now: float) -> None:
        self.waits, self.until = Waits.THREAD, now + server_limits().body_seconds
