"""A proxy that counts: what went over the wire, found out by somebody who knows nothing of the product."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_RESET = struct.pack("ii", 1, 0)
_RECEIVED_AT = 128
_FIN_CAME = {4, 5, 6, 8, 9, 11}
"""States of a connection whose other end has finished; the kernel counts that as a byte."""


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
            received = _settled(server)
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


def _settled(server: socket.socket) -> int:
    """How much has come, once no more does: nobody reads any longer, so the window closes."""
    before, now = -1, _came(server)
    while before != now:
        time.sleep(0.2)
        before, now = now, _came(server)
    return now


def _came(server: socket.socket) -> int:
    info = server.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 136)
    (came,) = struct.unpack_from("=Q", info, _RECEIVED_AT)
    return int(came) - (info[0] in _FIN_CAME)


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
