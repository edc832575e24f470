"""The door of the web server."""

from __future__ import annotations

from app.core.warming import warm
from app.factory import create_app
from billing.counters import counters
from config import counted

counted.book_with(counters.add)
app = create_app()
warm(app)
