"""Puts the product together. Read this first."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import body_limits, compiling, errors, frame, i18n, markup, measuring, visitors, web
from app.core.features import features
from app.core.web import KontorFlask
from app.features import ALL
from config import logs, private
from config.settings import settings
from tenants import db, live, travel

MEBIBYTE = 1 << 20


def create_app() -> KontorFlask:
    logs.configure()
    private.keep_private(settings().home)
    app = KontorFlask("app", static_folder="core/static", template_folder="core/templates")
    _configure(app)
    if settings().trusted_proxies:
        believe_proxies(app, settings().trusted_proxies)
    db.init_app(app)
    travel.init_app(app)
    live.init_app()
    for part in (web, visitors, body_limits, i18n, compiling, markup, frame, errors, measuring):
        part.init_app(app)
    forged = CSRFProtect(app)
    Compress(app)
    features.replace(ALL)
    for feature in ALL:
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
            # Cookies count for nothing there, so a forged form has nothing to use.
            if getattr(blueprint, "by_token", False):
                forged.exempt(blueprint)
    return app


def believe_proxies(app: Flask, number: int) -> None:
    """Limits and the operators' audit go by the address of whoever knocks, not by that of our own proxy. The name under
    which we were asked has to be ours all the same (app/core/web.py).
    """
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=number)  # type: ignore[method-assign]


def _configure(app: KontorFlask) -> None:
    app.config.update(
        SECRET_KEY=settings().secret_key,
        SECRET_KEY_FALLBACKS=list(settings().secret_key_fallbacks),
        # A form that was opened before the key changed is still taken.
        WTF_CSRF_SECRET_KEY=settings().signing_keys,
        SESSION_COOKIE_NAME="kontor",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings().https,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=25 * MEBIBYTE,
        MAX_FORM_MEMORY_SIZE=2 * MEBIBYTE,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_LEVEL=5,
    )
