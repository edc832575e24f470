"""Whether a web process can serve people: asked by container engines and by units that wait for a start.

`python -m deploy.ready ADDRESS [--path /readyz] [--wait SECONDS]`, with an address as in BIND: `host:port` or
`unix:/path`. Ends with 0 when the answer is 200. Standard library only.
"""

from __future__ import annotations

import argparse
import http.client
import socket
import sys
import time
from contextlib import closing
from http import HTTPStatus

_ANSWER_SECONDS = 4.0
_AGAIN_SECONDS = 0.2


class _OverSocket(http.client.HTTPConnection):
    """HTTP over a socket that is a file."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    until = time.monotonic() + asked.wait
    while (answer := _answer(asked.address, asked.path)) != str(int(HTTPStatus.OK)):
        if time.monotonic() >= until:
            sys.stderr.write(f"{asked.address}{asked.path} answered {answer}.\n")
            return 1
        time.sleep(_AGAIN_SECONDS)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.ready", description="Ask a process whether it is ready.")
    parser.add_argument("address", help="as in BIND: host:port or unix:/path")
    parser.add_argument("--path", default="/readyz")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="how long to ask again")
    return parser


def _answer(address: str, path: str) -> str:
    """The status, or what prevented one."""
    try:
        with closing(_connection(address)) as connection:
            connection.request("GET", path)
            return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"nothing ({error})"


def _connection(address: str) -> http.client.HTTPConnection:
    if address.startswith("unix:"):
        return _OverSocket(address.removeprefix("unix:"))
    return http.client.HTTPConnection(address, timeout=_ANSWER_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
