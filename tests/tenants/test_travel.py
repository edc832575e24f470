from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from tenants import engines

ROOT = Path(__file__).resolve().parents[2]
ASK = "from app.factory import create_app; create_app(); from tenants import clock; print(clock.now().isoformat())"


def test_processes_of_one_product_travel_together(app: Flask) -> None:
    with engines.provisioner() as connection:
        connection.execute("INSERT INTO platform.clock_offset VALUES (%s)", [40 * 86_400])

    told = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )

    there = datetime.fromisoformat(told.stdout.strip().splitlines()[-1])
    assert timedelta(days=39, hours=23) < there - datetime.now(UTC) < timedelta(days=40, hours=1)
