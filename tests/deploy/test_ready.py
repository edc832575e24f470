from __future__ import annotations

import http.server
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import ready


class _Answer(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return

    def address_string(self) -> str:
        return "somebody"


class _OverFile(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@contextmanager
def answering(path: Path, status: int) -> Iterator[str]:
    handler = type("Handler", (_Answer,), {"status": status})
    with _OverFile(str(path), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"unix:{path}"
        finally:
            server.shutdown()
            thread.join()


def test_a_process_that_serves_is_ready(tmp_path: Path) -> None:
    with answering(tmp_path / "web.sock", 200) as address:
        assert ready.main([address]) == 0


def test_a_process_that_cannot_serve_is_not(tmp_path: Path) -> None:
    with answering(tmp_path / "web.sock", 503) as address:
        assert ready.main([address]) == 1


def test_nobody_is_not_ready_either(tmp_path: Path) -> None:
    assert ready.main([f"unix:{tmp_path}/nobody.sock"]) == 1


def test_it_waits_for_a_process_that_starts(tmp_path: Path) -> None:
    late = tmp_path / "web.sock"
    codes: list[int] = []
    waiting = threading.Thread(target=lambda: codes.append(ready.main([f"unix:{late}", "--wait", "60"])))

    waiting.start()
    with answering(late, 200):
        waiting.join()

    assert codes == [0]
