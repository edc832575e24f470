"""A client's connection as threads use it: what a slow client does not take yet is kept, so no thread waits for it.

Only who has sent or taken too little for a thread to go on is waited for, and not for long.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from collections import deque
from typing import Any

from config.counted import CountedSocket
from config.server_limits import server_limits

MOST_KEPT = 1 << 20
"""Bytes of an answer that a connection keeps; beyond them the thread that makes more of them waits."""

_PIECE = 1 << 20


class _FilePart:
    """A part of an open file, from ``start`` to ``end``, that a client has not taken yet."""

    def __init__(self, number: int, start: int, end: int) -> None:
        self.number, self.start, self.end = os.dup(number), start, end


class PacedSocket(CountedSocket):
    """Never blocks in the kernel."""

    __slots__ = ("kept", "moved", "patience", "waited")

    def __init__(self, accepted: socket.socket, peer: Any = None) -> None:
        super().__init__(accepted, peer)
        socket.socket.settimeout(self, 0.0)
        self.kept: deque[memoryview | _FilePart] = deque()
        """What the client has not taken yet, in order."""

        self.hasten()

    def hasten(self) -> None:
        """From now on it is counted how long threads wait for how many bytes."""
        self.waited, self.moved = 0.0, 0

    def setblocking(self, _flag: bool) -> None:
        """It waits as it sees fit; the kernel is not to be told."""

    def settimeout(self, seconds: float | None) -> None:
        self.patience = seconds

    def gettimeout(self) -> float | None:
        return self.patience

    def take(self, size: int) -> bytes:
        """What has come.

        Raises BlockingIOError where nothing has.
        """
        got = socket.socket.recv(self, size)
        self.received += len(got)
        return got

    def recv(self, *arguments: Any) -> bytes:
        while True:
            try:
                got = super().recv(*arguments)
            except BlockingIOError:
                self._wait(select.POLLIN)
            else:
                self.moved += len(got)
                return got

    def sendall(self, data: Any, *_arguments: Any) -> None:
        left = memoryview(data).cast("B")
        if not self.kept and not (left := self._given(left)):
            return
        self.kept.append(left)
        while self.amount_kept() > MOST_KEPT and not self.push():
            self._wait(select.POLLOUT)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        number = file.fileno()
        end = os.fstat(number).st_size if count is None else offset + count
        start = offset if self.kept else self._given_of_file(number, offset, end)
        if start < end:
            self.kept.append(_FilePart(number, start, end))
        return end - offset

    def push(self) -> bool:
        """Give the kernel what it takes; answers whether nothing is left.

        Raises OSError when the client has gone.
        """
        while self.kept:
            part = self.kept[0]
            if isinstance(part, _FilePart):
                part.start = self._given_of_file(part.number, part.start, part.end)
                if part.start < part.end:
                    return False
                os.close(part.number)
            elif rest := self._given(part):
                self.kept[0] = rest
                return False
            self.kept.popleft()
        return True

    def _given(self, part: memoryview) -> memoryview:
        """What the kernel does not take now."""
        try:
            while part:
                taken = self.send(part)
                self.moved += taken
                part = part[taken:]
        except BlockingIOError:
            return part
        return part

    def _given_of_file(self, number: int, start: int, end: int) -> int:
        """Where in the file it goes on; its end, too, where the file has become shorter."""
        try:
            while start < end:
                taken = os.sendfile(self.fileno(), number, start, min(end - start, _PIECE))
                if not taken:
                    return end
                self.moved += taken
                self._gave(taken)
                start += taken
        except BlockingIOError:
            return start
        return start

    def amount_kept(self) -> int:
        """Bytes in memory; files stay where they are."""
        return sum(len(part) for part in self.kept if isinstance(part, memoryview))

    def left_to_take(self) -> int:
        """Bytes, files included."""
        files = sum(part.end - part.start for part in self.kept if isinstance(part, _FilePart))
        return files + self.amount_kept()

    def _wait(self, event: int) -> None:
        """Raises ConnectionResetError when the client is too slow."""
        limits, began = server_limits(), time.monotonic()
        left = limits.body_seconds + self.moved / limits.slowest_rate - self.waited
        patience = left if self.patience is None else min(left, self.patience)
        waiting = select.poll()
        waiting.register(self.fileno(), event)
        if patience <= 0 or not waiting.poll(patience * 1000):
            raise ConnectionResetError(errno.ECONNRESET, "The client is too slow.")
        self.waited += time.monotonic() - began

    def close(self) -> None:
        while self.kept:
            part = self.kept.popleft()
            if isinstance(part, _FilePart):
                os.close(part.number)
        super().close()
