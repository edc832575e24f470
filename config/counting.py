"""The web servers' workers, as gunicorn has them, with every byte of their clients counted."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import Any

from gunicorn.http import Request
from gunicorn.workers.gasgi import ASGIWorker
from gunicorn.workers.gthread import TConn

from config import counted
from config.counted import CountedSocket, CountingListener
from config.paced import PacedSocket
from config.patient import PatientThreads

_SECONDS = 1.0


def _let_count(listeners: Iterable[Any], kind: type[CountedSocket]) -> None:
    for listener in listeners:
        listener.sock = CountingListener(listener.sock, kind)


class Threads(PatientThreads):
    """Each request on a thread."""

    _notifies_at = 0.0

    def run(self) -> None:
        _let_count(self.sockets, PacedSocket)
        super().run()
        counted.see_off()

    def notify(self) -> None:
        """Once a second: gunicorn asks for it twice a request."""
        if monotonic() >= self._notifies_at:
            self._notifies_at = monotonic() + _SECONDS
            super().notify()
            counted.see_off()

    def handle_request(self, req: Request, conn: TConn) -> Any:
        with counted.request_on(conn.sock):
            return super().handle_request(req, conn)


class Loop(ASGIWorker):
    """All requests in one loop; the application says when each begins and ends."""

    def run(self) -> None:
        _let_count(self.sockets, CountedSocket)
        super().run()
        counted.see_off()

    def notify(self) -> None:
        super().notify()
        counted.see_off()
