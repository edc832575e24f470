"""What the first visitors would otherwise wait for, and each process keep a copy of its own of: made once, before the
processes of the web server part. Nothing of it asks a database.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy.orm import configure_mappers

from app.core import i18n
from config.settings import settings
from tenants import clock


def warm(app: Flask) -> None:
    configure_mappers()
    # By its own name: asked for under another, it would send everybody away.
    with app.test_request_context(base_url=settings().public_url):
        for name in app.jinja_env.list_templates(extensions=["html"]):
            app.jinja_env.get_template(name)
    now = clock.now()
    for locale in i18n.LOCALES:
        with app.test_request_context("/login", base_url=settings().public_url, query_string={"lang": locale}):
            app.preprocess_request()
            app.dispatch_request()
            i18n.Reader(locale, ZoneInfo("UTC"), now).full_date(now)
