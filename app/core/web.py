"""The edge. Path prefix -> tenant, cookie -> actor, one transaction, permission; refusals -> statuses.

The rooms of a tenant stand below ``/<slug>``. URL processors take the slug off and put it back, so no view
and no template ever sees it. Doors (sign-up, log-in, health) stand outside.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import urlsplit

import flask
from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from structlog import get_logger
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.routing import BaseConverter, RequestRedirect

from app.core import access, problems, visitors
from app.core.compiling import SpokenEnvironment
from app.core.shares import shares
from config import counted
from config.settings import settings
from tenants import clock
from tenants.context import current_actor, current_scope, has_scope
from tenants.db import undo, unit_of_work
from tenants.errors import NotAllowed, NotFound
from tenants.models import TenantSuspended

log = get_logger()
View = Callable[..., ResponseReturnValue]


class SlugConverter(BaseConverter):
    """The address of a tenant: lower-case letters, digits and single hyphens inside."""

    regex = r"[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){1,39}"
    part_isolating = True


class _Guarded(flask.Blueprint, ABC):
    """A blueprint whose every route must say who may enter: ``allow="contacts.read"``.

    Forgetting it is a TypeError at import, so there is no unguarded route to find later.
    """

    in_tenant = False
    by_token = False

    @abstractmethod
    def admit(self, allow: str) -> None:
        """Raises NotAllowed, or one of its kinds, for who may not enter."""

    def route(  # type: ignore[override]
        self, rule: str, *, allow: str, proven: bool = False, **options: Any
    ) -> Callable[[View], View]:
        """``proven``: so dangerous that who is logged in shows again that it is they, unless they just have."""

        def guard(view: View) -> View:
            def guarded(**arguments: Any) -> ResponseReturnValue:
                self.admit(allow)
                if proven:
                    visitors.require_proof()
                return view(**arguments)

            guarded.__name__, guarded.__doc__ = view.__name__, view.__doc__
            guarded._apidoc = getattr(view, "_apidoc", {})  # type: ignore[attr-defined]
            guarded.allow = allow  # type: ignore[attr-defined]
            guarded.in_tenant = self.in_tenant  # type: ignore[attr-defined]
            guarded.by_token = self.by_token  # type: ignore[attr-defined]
            super(_Guarded, self).route(rule, **options)(guarded)
            return view

        return guard


class Room(_Guarded):
    """Pages of one tenant."""

    in_tenant = True

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(name, import_name, template_folder="templates", url_prefix="/<slug:slug>")

    def admit(self, allow: str) -> None:
        if g.get("in_suspension") and not access.may(allow):
            # Of no use to ask an administrator for the permission, as who lacks it otherwise is told.
            raise TenantSuspended
        access.require(allow)


class Door(_Guarded):
    """Pages outside every tenant."""

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(name, import_name, template_folder="templates")

    def admit(self, allow: str) -> None:
        if allow == access.IDENTITY:
            visitors.require_identity()


class KontorFlask(Flask):
    jinja_environment = SpokenEnvironment

    def dispatch_request(self) -> ResponseReturnValue:
        """One request of a tenant is one transaction; what answers with an error leaves nothing behind."""
        view = self.view_functions.get(request.endpoint or "")
        if not getattr(view, "in_tenant", False):
            return super().dispatch_request()
        if getattr(view, "by_token", False):
            visitors.enter_tenant_by_token()
        else:
            visitors.enter_tenant()
        tenant_id = current_scope().tenant_id
        counted.charge(tenant_id)
        bind_contextvars(tenant=str(tenant_id), actor=str(current_actor().user_id))
        with shares().taken(tenant_id), unit_of_work():
            response = self.make_response(super().dispatch_request())
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                undo()
            return response

    def raise_routing_exception(self, request: flask.Request) -> NoReturn:
        """A program is not sent on to another spelling of its address: it would go there without what it has sent.

        Raises NotFound.
        """
        if isinstance(request.routing_exception, RequestRedirect) and problems.wanted():
            raise NotFound
        super().raise_routing_exception(request)

    def log_exception(self, exc_info: Any) -> None:
        """In the place of Flask's own line, which names the path: it can hold a token."""
        log.error("crashed", exc_info=exc_info)


def init_app(app: Flask) -> None:
    app.url_map.converters["slug"] = SlugConverter
    app.url_value_preprocessor(_take_slug_off)
    app.url_defaults(_put_slug_back)
    app.before_request(_begin)
    app.after_request(_secure)
    app.after_request(_log_request)


def reserved_slugs(app: Flask) -> frozenset[str]:
    """First path segments of everything that stands outside the tenants: no firm can have these addresses."""
    segments = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    return frozenset(s for s in segments if s and not s.startswith("<")) | {
        "api",
        "live",
        "operator",
        "www",
        "admin",
    }


def _take_slug_off(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None and "slug" in values:
        g.slug = values.pop("slug")


def _put_slug_back(endpoint: str, values: dict[str, Any]) -> None:
    if "slug" not in values and has_scope() and flask.current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        values["slug"] = current_scope().slug


class WrongAddress(NotAllowed):
    """Kontor is at %(url)s."""

    code = "wrong_address"


def _begin() -> None:
    """Raises WrongAddress."""
    clear_contextvars()
    g.request_id = secrets.token_hex(8)
    g.csp_nonce = secrets.token_urlsafe(12)
    g.began = clock.stopwatch()
    bind_contextvars(request=g.request_id)
    if not _is_ours(request.host) and request.blueprint not in _ASKED_BY_MACHINES:
        raise WrongAddress(url=settings().public_url)


@lru_cache(maxsize=256)
def _is_ours(host: str) -> bool:
    """The name of PUBLIC_URL, whatever the port; where that is this machine itself, each of its names."""
    asked, ours = urlsplit(f"//{host}").hostname, urlsplit(settings().public_url).hostname
    return asked == ours or (ours in _THIS_MACHINE and asked in _THIS_MACHINE)


_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_ASKED_BY_MACHINES = frozenset({"health"})
"""Their answers name no address, and whoever looks after us asks by number."""


def _secure(response: flask.Response) -> flask.Response:
    """Headers of every answer. The nonce is for the style element that Turbo makes for its progress bar; by the id of
    the request one finds it in the log.
    """
    response.headers["X-Request-Id"] = g.request_id
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{g.get('csp_nonce', '')}'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src {_connected()}; form-action 'self'; manifest-src 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@cache
def _connected() -> str:
    """What scripts may ask: us, and the live updates where they stand at an address of their own."""
    live = urlsplit(settings().live_url)
    return f"'self' {live.scheme}://{live.netloc}" if live.netloc else "'self'"


def _log_request(response: flask.Response) -> flask.Response:
    """The route's pattern instead of the path: addresses and queries can hold personal data or tokens."""
    rule = request.url_rule.rule if request.url_rule else None
    took = round((clock.stopwatch() - g.get("began", clock.stopwatch())) * 1000, 1)
    log.info("request", method=request.method, route=rule, status=response.status_code, ms=took)
    return response
