from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

from app.core import hearing
from app.live import Live
from tests.firms import Firm

PATIENCE = 5.0


class Page:
    """A browser with one record, or a list of them, open: what it was told so far."""

    def __init__(self, live: Live, firm: Firm, record: UUID | str = "", *, table: str = "", **headers: str) -> None:
        query = f"list={heard(firm, table)}" if table else f"record={heard(firm, str(record))}"
        self._open(live, firm, query, headers)

    @classmethod
    def asking(cls, live: Live, firm: Firm, query: str) -> Page:
        """Whatever its address says."""
        page = cls.__new__(cls)
        page._open(live, firm, query, {})
        return page

    def _open(self, live: Live, firm: Firm, query: str, headers: dict[str, str]) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.said = ""
        self._closed = asyncio.Event()
        given = {"cookie": cookie(firm), **headers}
        self._scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": f"/live/{firm.scope.slug}",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        self.task = asyncio.create_task(live(self._scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._closed.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.said += message.get("body", b"").decode()

    def close(self) -> None:
        self._closed.set()

    async def hears(self, words: str) -> None:
        await until(lambda: words in self.said)

    async def opened(self) -> None:
        await self.hears("retry: 3000")


def heard(firm: Firm, subject: str, *, role: str = "owner") -> str:
    """As the page of that list or record says it to its owner."""
    return hearing.signed(subject, user_id=firm.owner_id, role=role)


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():
            await asyncio.sleep(0.01)


def cookie(firm: Firm) -> str:
    """As the browser of the owner sends it."""
    found = firm.client().get_cookie("kontor")
    assert found is not None
    return f"kontor={found.value}"
