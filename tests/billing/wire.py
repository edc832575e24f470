"""A proxy that counts: what went over the wire, found out by somebody who knows nothing of the product."""

from __future__ import annotations

import array
import fcntl
import socket
import struct
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_RESET = struct.pack("ii", 1, 0)


@dataclass
class Wire:
    """Between a client and the server at ``port``."""

    port: int
    address: tuple[str, int] = ("", 0)
    to_server: int = 0
    from_server: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=20)

    def carry(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.port))
        pump = threading.Thread(target=self._upwards, args=(client, server))
        pump.start()
        received, is_whole = 0, True
        try:
            while data := server.recv(1 << 16):
                received += len(data)
                client.sendall(data)
        except OSError:
            is_whole = False
        if not is_whole:
            # The client has gone: so do we, and what reached our kernel until then has been sent.
            received += _unread(server)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        pump.join()
        server.close()
        client.close()
        with self._lock:
            self.from_server += received

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        sent = 0
        try:
            while data := client.recv(1 << 16):
                server.sendall(data)
                sent += len(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self.to_server += sent

    def wait(self) -> None:
        """Until every connection is over."""
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    @property
    def carried(self) -> tuple[int, int]:
        return self.to_server, self.from_server


def _unread(server: socket.socket) -> int:
    """What else has come, once no more does: nobody reads any longer, so the window closes."""
    before, now = array.array("i", [-1]), array.array("i", [0])
    while before != now:
        time.sleep(0.2)
        before = now[:]
        fcntl.ioctl(server.fileno(), termios.FIONREAD, now)
    return now[0]


@contextmanager
def wire(port: int) -> Iterator[Wire]:
    listener = socket.create_server(("127.0.0.1", 0))
    between = Wire(port, listener.getsockname())

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                thread = threading.Thread(target=between.carry, args=(client,))
                between._threads.append(thread)
                thread.start()

    door = threading.Thread(target=serve)
    door.start()
    try:
        yield between
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        door.join()
        between.wait()
