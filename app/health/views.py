from __future__ import annotations

import hmac
from http import HTTPStatus

from flask import abort, request
from flask.typing import ResponseReturnValue

from app.core.access import PUBLIC
from app.core.web import Door
from app.health import exposition
from config.settings import settings
from tenants import health

door = Door("health", __name__)


@door.get("/healthz", allow=PUBLIC)
def alive() -> ResponseReturnValue:
    """This process answers. Nothing else is asked: a database that is away is no reason to restart us."""
    return {"alive": True}


@door.get("/readyz", allow=PUBLIC)
def ready() -> ResponseReturnValue:
    """Pages work. Says which part does not and what is missing then, never why: that is for us alone."""
    parts = health.parts()
    fine = all(parts[name] for name in health.NEEDED)
    status = HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE
    missing = [what for name, works in parts.items() if not works for what in health.DEGRADED.get(name, ())]
    told = {name: "ok" if works else "failing" for name, works in parts.items()}
    return {"ready": fine, **told, **({"missing": missing} if missing else {})}, status


@door.get("/metrics", allow=PUBLIC)
def metrics() -> ResponseReturnValue:
    """For a Prometheus that knows the token; where none is set, there is no such page."""
    token = settings().metrics_token
    if token is None:
        abort(HTTPStatus.NOT_FOUND)
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return "", HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"}
    return exposition.page(), {"Content-Type": exposition.CONTENT_TYPE}
