"""The door of the live updates (ASGI): Server-Sent Events to the pages that somebody has open.

A stream tells that a record has changed, or how many of a list, never what. Who listens is checked when they come,
every 30 seconds, and at once when a login ends or somebody's rights change; who cannot be checked does not go on
listening.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from app.core import hearing
from app.core.hearing import Grant
from app.listener import Listener
from billing.counters import counters
from config import counted, logs
from config.settings import settings
from tenants import db, identities, live, travel
from tenants.live import Guest, Hint, Knock

log = get_logger()

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CHECK_SECONDS = 30.0
HEARTBEAT_SECONDS = 20.0
MOST_LISTENERS = 5000
MOST_OF_ONE_LOGIN = 20
MOST_OF_ONE_PERSON = 40
"""In all firms, with all browsers."""

MOST_OF_ONE_FIRM = 1000
_THREADS = 2
"""Those who ask the database for the loop."""

_LIFE = 30 * 24 * 3600
_PATH = re.compile(r"/live/([a-z0-9][a-z0-9-]{1,39})")
_LOOK_AGAIN = b"event: missed\ndata:\n\n"


class Live:
    """The ASGI application."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self._house = _house()
        self._cookie = SecureCookieSessionInterface().get_signing_serializer(self._house)
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(settings().public_url))
        self._tasks: list[asyncio.Task[Any]] = []
        self._check_now = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        if scope["type"] == "http":
            with counted.request_on(counted.of_peer(scope.get("client"))):
                await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._knock(scope)
        if isinstance(found, HTTPStatus):
            await self._refuse(found, send)
            return
        # Among the listeners before it is asked who they are: what ends meanwhile ends for this one too.
        self.listeners.add(found)
        try:
            await self._serve(found, receive, send)
        finally:
            self.listeners.discard(found)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the server's start to its stop."""
        while (message := await receive())["type"] != "lifespan.shutdown":
            self.start()
            await send({"type": f"{message['type']}.complete"})
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    def start(self) -> None:
        """Begin to hear of changes and to check who listens."""
        listening = live.listen(self.heard, missed=self._missed)
        self._tasks = [asyncio.create_task(listening), asyncio.create_task(self._keep_checking())]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """Without one of them nobody would be told, or nobody checked: better to begin anew."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("live.crashed", exc_info=error)
            for listener in self.listeners:
                listener.end()
            signal.raise_signal(signal.SIGTERM)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listener in self.listeners:
            listener.end()
        # What the database is being asked comes to its end; a connection given back later would stay open.
        await asyncio.get_running_loop().shutdown_default_executor()
        with self._house.app_context():
            for engine in db.db.engines.values():
                engine.dispose()

    async def _serve(self, listener: Listener, receive: Receive, send: Send) -> None:
        guest = (await self._welcome({listener.knock})).get(listener.knock)
        refused = HTTPStatus.NOT_FOUND if guest is None or listener.over else self._refusal(listener, guest)
        if refused:
            await self._refuse(refused, send)
            return
        listener.guest = guest
        gone = asyncio.create_task(_wait_for_leaving(receive, listener))
        try:
            await self._stream(listener, send)
        finally:
            gone.cancel()

    async def _refuse(self, status: HTTPStatus, send: Send) -> None:
        await send({"type": "http.response.start", "status": int(status), "headers": self._headers(b"text/plain")})
        await send({"type": "http.response.body", "body": b""})

    def _knock(self, scope: Scope) -> Listener | HTTPStatus:
        """Who wants to listen to what, or why that cannot be."""
        path, headers = _PATH.fullmatch(scope["path"]), dict(scope["headers"])
        subject, grant = _subject(scope["query_string"])
        if path is None or subject is None or scope["method"] != "GET":
            return HTTPStatus.NOT_FOUND
        if headers.get(b"origin", self._origin.encode()).decode("latin-1") != self._origin:
            return HTTPStatus.FORBIDDEN
        token = self._token(headers.get(b"cookie", b"").decode("latin-1"))
        if token is None:
            return HTTPStatus.UNAUTHORIZED
        knock = (identities.digest(token), path.group(1))
        return HTTPStatus.TOO_MANY_REQUESTS if self._is_full(knock) else Listener(knock, subject=subject, grant=grant)

    def _token(self, written: str) -> str | None:
        try:
            cookie = SimpleCookie(written).get("kontor")
            kept = self._cookie.loads(cookie.value, max_age=_LIFE) if cookie and self._cookie else {}
        except (BadSignature, CookieError):
            return None
        token = kept.get("_user_id")
        return token if isinstance(token, str) else None

    def _is_full(self, knock: Knock) -> bool:
        of_login = Counter(listener.knock[0] for listener in self.listeners)[knock[0]]
        return len(self.listeners) >= MOST_LISTENERS or of_login >= MOST_OF_ONE_LOGIN

    def _refusal(self, listener: Listener, guest: Guest) -> HTTPStatus | None:
        """Whoever could knock may still not see this, or listen already with all that one has."""
        if listener.grant and listener.grant[1:] != (guest.user_id, guest.role):
            return HTTPStatus.FORBIDDEN
        guests = [one.guest for one in self.listeners if one.guest]
        of_person = sum(one.identity_id == guest.identity_id for one in guests)
        of_firm = sum(one.tenant_id == guest.tenant_id for one in guests)
        is_full = of_person >= MOST_OF_ONE_PERSON or of_firm >= MOST_OF_ONE_FIRM
        return HTTPStatus.TOO_MANY_REQUESTS if is_full else None

    async def _stream(self, listener: Listener, send: Send) -> None:
        if listener.guest is not None:
            counted.charge(UUID(listener.guest.tenant_id))
        start = {"type": "http.response.start", "status": 200, "headers": self._headers(b"text/event-stream")}
        await send(start)
        await send({"type": "http.response.body", "body": b"retry: 3000\n\n", "more_body": True})
        while not listener.over:
            counted.book_so_far()
            try:
                await asyncio.wait_for(listener.news.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
            message = listener.taken()
            listener.news.clear()
            if message:
                await send({"type": "http.response.body", "body": message, "more_body": True})
        await send({"type": "http.response.body", "body": b"event: over\ndata:\n\n"})

    def _headers(self, kind: bytes) -> list[tuple[bytes, bytes]]:
        return [
            (b"content-type", kind),
            (b"cache-control", b"no-store"),
            # nginx would otherwise keep the events until it has a page full of them.
            (b"x-accel-buffering", b"no"),
            (b"access-control-allow-origin", self._origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]

    def heard(self, hint: Hint) -> None:
        if not hint.tenant_id:
            self._check_now.set()
            return
        for listener in self.listeners:
            if listener.guest is None or listener.guest.tenant_id != hint.tenant_id or listener.over:
                continue
            if listener.guest.user_id in hint.users:
                listener.ring()
            if listener.subject in hint.records:
                version = hint.records[listener.subject]
                listener.tell(b"event: changed\ndata: %s\n\n" % str(version or "").encode())
            elif listener.subject in hint.lists:
                listener.count_on(hint.lists[listener.subject])

    def _missed(self) -> None:
        """Hints may have been lost, those about rights too."""
        self._check_now.set()
        for listener in self.listeners:
            if not listener.over:
                listener.tell(_LOOK_AGAIN)

    async def _keep_checking(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._check_now.wait(), CHECK_SECONDS)
            except TimeoutError:
                log.debug("live.checking", listeners=len(self.listeners))
            self._check_now.clear()
            await self._check()

    async def _check(self) -> None:
        present = list(self.listeners)
        welcome = await self._welcome({listener.knock for listener in present})
        for listener in present:
            known = welcome.get(listener.knock)
            # An address can go to another firm; whoever is just entering does not know yet whose it is.
            if known is None or listener.guest not in {None, known}:
                listener.end()

    async def _welcome(self, knocks: set[Knock]) -> dict[Knock, Guest]:
        """Nobody, when the database does not say who may."""
        return await asyncio.to_thread(self._ask, knocks) if knocks else {}

    def _ask(self, knocks: set[Knock]) -> dict[Knock, Guest]:
        try:
            with self._house.app_context():
                return dict(live.welcome(knocks))
        except SQLAlchemyError as error:
            log.warning("live.not_checked", error=type(error).__name__)
            return {}


async def _wait_for_leaving(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


def _subject(query: bytes) -> tuple[str | None, Grant | None]:
    """What the page shows: a record or a list that its reader may see; None for what there is not."""
    asked = parse_qs(query.decode("latin-1"))
    if not asked:
        return "", None
    written = asked.get("record") or asked.get("list") or [""]
    grant = hearing.read(written[0])
    return (grant.subject if grant else None), grant


def _house() -> Flask:
    """Just enough of the product to read its cookie and ask its directory; the rest would only take memory."""
    house = Flask("live", static_folder=None)
    house.config.update(SECRET_KEY=settings().secret_key, SECRET_KEY_FALLBACKS=list(settings().secret_key_fallbacks))
    db.init_app(house, threads=_THREADS)
    travel.init_app(house)
    return house


def create_app() -> Live:
    logs.configure()
    counted.book_with(counters.add)
    return Live()
