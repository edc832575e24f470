"""Clients that take their time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

RESET = b"(reset)"


def head(line: str, *headers: str, host: str = "127.0.0.1") -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


def connect(port: int, *, takes: int | None = None, timeout: float = 60) -> socket.socket:
    """``takes``: bytes for which this client has room."""
    client = socket.socket()
    if takes:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
    client.settimeout(timeout)
    try:
        client.connect(("127.0.0.1", port))
    except ConnectionRefusedError:
        client.close()
        raise
    return client


def ask(port: int, message: bytes, *, timeout: float = 60) -> bytes:
    """All that is answered until the server hangs up."""
    with connect(port, timeout=timeout) as client:
        client.sendall(message)
        return heard(client)


def heard(client: socket.socket) -> bytes:
    """What is cut off ends with ``RESET``."""
    answer = b""
    try:
        while data := client.recv(1 << 16):
            answer += data
    except ConnectionResetError:
        return answer + RESET
    return answer


@contextmanager
def many(port: int, number: int, says: bytes, *, takes: int | None = None) -> Iterator[list[socket.socket]]:
    """So many connections on which this was said, and then nothing more."""
    with ExitStack() as opened:
        clients = [opened.enter_context(connect(port, takes=takes)) for _ in range(number)]
        for client in clients:
            client.sendall(says)
        yield clients


def is_hung_up(client: socket.socket, *, within: float) -> bool:
    """Whether the server ends the connection by then, whatever it says before."""
    client.settimeout(within)
    began = time.monotonic()
    try:
        heard(client)
    except TimeoutError:
        return False
    return time.monotonic() - began < within
