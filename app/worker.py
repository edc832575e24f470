"""The door of the workers: jobs of all tenants, one after the other."""

from __future__ import annotations

import gc
from collections.abc import Sequence

from flask import Flask

from tenants import lanes
from tenants.lanes import Lane


def run(app: Flask, lanes_served: Sequence[Lane] = ()) -> None:
    """Until somebody says stop, at these lanes; at all of them where none is named."""
    # What is loaded by now stays for ever; looking through it again and again took a third of an import.
    gc.collect()
    gc.freeze()
    with app.app_context():
        lanes.worker(*lanes_served).work(logging_level="WARNING")
