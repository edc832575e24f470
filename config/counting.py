"""The web servers' workers, as gunicorn has them, with every byte of their clients counted."""

from __future__ import annotations

from typing import Any

from gunicorn.http import Request
from gunicorn.workers.gasgi import ASGIWorker
from gunicorn.workers.gthread import TConn, ThreadWorker

from config import counted
from config.counted import CountingListener


def _let_count(listeners: list[Any]) -> None:
    for listener in listeners:
        listener.sock = CountingListener(listener.sock)


class Threads(ThreadWorker):
    """Each request on a thread."""

    def run(self) -> None:
        _let_count(self.sockets)
        super().run()
        counted.see_off()

    def notify(self) -> None:
        super().notify()
        counted.see_off()

    def handle_request(self, req: Request, conn: TConn) -> Any:
        with counted.request_on(conn.sock):
            return super().handle_request(req, conn)


class Loop(ASGIWorker):
    """All requests in one loop; the application says when each begins and ends."""

    def run(self) -> None:
        _let_count(self.sockets)
        super().run()
        counted.see_off()

    def notify(self) -> None:
        super().notify()
        counted.see_off()
