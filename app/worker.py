"""The door of the workers: jobs of all tenants, one after the other."""

from __future__ import annotations

from flask import Flask

from tenants import jobs


def run(app: Flask) -> None:
    """Until somebody says stop."""
    with app.app_context():
        jobs.worker().work(logging_level="WARNING")
