"""A strict mail server of our own, which keeps what it took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


@dataclass
class Letterbox:
    port: int
    refuse: bool = False
    letters: list[Message] = field(default_factory=list)


class _Smtp(StreamRequestHandler):
    """Just the commands of RFC 5321 that a sender needs, in the order it demands."""

    def handle(self) -> None:
        box: Letterbox = self.server.box  # type: ignore[attr-defined]
        self.say("220 box")
        while line := self.rfile.readline().decode().strip():
            word = line.partition(" ")[0].upper()
            if word == "DATA":
                self.say("354 go on")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                if not box.refuse:
                    box.letters.append(message_from_bytes(body))
                self.say("451 later" if box.refuse else "250 taken")
            else:
                self.say("221 bye" if word == "QUIT" else "250 fine")
            if word == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    with ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        found = Letterbox(port=server.server_address[1])
        server.box = found  # type: ignore[attr-defined]
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()
