"""Something between us and the database that carries everything, until it carries no more and hangs up on nobody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

from tenants import checkout
from tenants.cursor import StrictCursor


class Between:
    def __init__(self, server: str) -> None:
        self.is_silent = threading.Event()
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listener]
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._sockets += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                if not self.is_silent.is_set():
                    other.sendall(data)
            other.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def between(engine: Engine) -> Iterator[tuple[Between, Engine]]:
    """Beside an engine of tenants one that goes by way of it."""
    url = make_url(engine.url)
    way = Between(f"{url.query['host']}/.s.PGSQL.5432")
    threading.Thread(target=way.serve, daemon=True).start()
    detour = url.set(host="127.0.0.1", port=way.port, query={"sslmode": "disable"})
    found = create_engine(detour, connect_args={"cursor_factory": StrictCursor, "prepare_threshold": None})
    event.listen(found, "checkout", checkout.enter_tenant)
    event.listen(found, "checkin", checkout.retire_if_worn)
    try:
        yield way, found
    finally:
        way.end()
        found.dispose()
