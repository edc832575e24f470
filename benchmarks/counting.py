"""What it costs to count the bytes of a request: sockets and accounts as the web server has them, beside bare ones."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from statistics import median
from typing import Any
from uuid import UUID

from billing.counters import counters
from config import counted
from config.counted import CountedSocket

_QUESTION, _ANSWER = b"q" * 600, b"a" * 8000
_SERIES, _TIMES = 20, 500


def request_cpu_us(tenant_ids: Sequence[UUID]) -> float:
    """Microseconds of CPU a request, above the same on a bare socket."""
    counted.book_with(counters.add)
    listener = socket.create_server(("127.0.0.1", 0))
    bare, of_bare = _connected(listener)
    plain, of_plain = _connected(listener)
    counting = CountedSocket(plain)
    extra = []
    for _ in range(_SERIES):
        # One beside the other, so that a neighbour disturbs both.
        without = _each(lambda number: _answer(bare, of_bare, nullcontext(), lambda: None))
        within = _each(
            lambda number: _answer(
                counting,
                of_plain,
                counted.request_on(counting),
                lambda: counted.charge(tenant_ids[number % len(tenant_ids)]),
            )
        )
        extra.append(within - without)
    for one in (bare, of_bare, counting, of_plain, listener):
        one.close()
    return median(extra) * 1e6


def _connected(listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    client = socket.create_connection(listener.getsockname())
    return listener.accept()[0], client


def _answer(server: socket.socket, client: socket.socket, request: Any, name: Callable[[], None]) -> None:
    client.sendall(_QUESTION)
    server.recv(8192)
    with request:
        name()
        server.sendall(_ANSWER)
    left = len(_ANSWER)
    while left:
        left -= len(client.recv(left))


def _each(work: Callable[[int], None]) -> float:
    began = time.thread_time()
    for number in range(_TIMES):
        work(number)
    return (time.thread_time() - began) / _TIMES
