"""How often somebody may knock: counted in Redis, so that all web processes count together."""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from config.settings import settings
from tenants import identities

limiter = Limiter(key_func=get_remote_address, strategy="moving-window", swallow_errors=True, headers_enabled=False)


def init_app(app: Flask) -> None:
    url = settings().redis_url
    app.config["RATELIMIT_STORAGE_URI"] = f"redis+{url}" if url.startswith("unix:") else url
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 2, "socket_connect_timeout": 2}
    limiter.init_app(app)


def typed_email() -> str:
    """Counts by the e-mail that was typed; hashed, so that the counter in Redis names nobody."""
    return identities.digest(request.form.get("email", "").strip().lower()).hex()
