"""The door of the workers: jobs of all tenants, one after the other."""

from __future__ import annotations

import gc

from flask import Flask

from tenants import lanes


def run(app: Flask) -> None:
    """Until somebody says stop."""
    # What is loaded by now stays for ever; looking through it again and again took a third of an import.
    gc.collect()
    gc.freeze()
    with app.app_context():
        lanes.worker().work(logging_level="WARNING")
