"""One open page that hears what changes."""

from __future__ import annotations

import asyncio

from app.core.hearing import Grant
from tenants.live import Guest, Knock

_BELL = b"event: bell\ndata:\n\n"


class Listener:
    """One open page. What it has not been told yet is kept by record, so it never grows."""

    __slots__ = ("count", "grant", "guest", "knock", "news", "over", "rings", "subject", "waiting")

    def __init__(self, knock: Knock, *, subject: str, grant: Grant | None = None) -> None:
        self.knock = knock
        self.grant = grant
        """For whom the page with this record or list was made."""

        self.guest: Guest | None = None
        """Known once they are welcome."""

        self.subject = subject
        """The id of a record, the table of a list, or nothing: only the bell."""

        self.count: int | None = 0
        """How many records of the list have changed since the page listens; None: some."""

        self.rings = False
        self.waiting = b""
        self.news = asyncio.Event()
        self.over = False

    def ring(self) -> None:
        self.rings = True
        self.news.set()

    def tell(self, message: bytes) -> None:
        self.waiting = message
        self.news.set()

    def count_on(self, records: int | None) -> None:
        self.count = None if records is None or self.count is None else self.count + records
        self.tell(b"event: listed\ndata: %s\n\n" % str(self.count or "").encode())

    def taken(self) -> bytes:
        """What there is to say, once."""
        message, self.waiting = self.waiting + (_BELL if self.rings else b""), b""
        self.rings = False
        return message

    def end(self) -> None:
        self.waiting, self.over = b"", True
        self.news.set()
