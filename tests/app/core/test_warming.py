"""What the processes of the web server share is made before they part."""

from __future__ import annotations

import subprocess
import sys

from flask import Flask

_FIRST_VISITORS = """
import jinja2
from wsgi import app

jinja2.Environment.compile = None
for locale in ("de", "en"):
    page = app.test_client().get(f"/login?lang={locale}")
    print(page.status_code, f'lang="{locale}"' in page.text)
"""


def test_the_first_visitors_wait_for_no_template(app: Flask) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _FIRST_VISITORS], capture_output=True, text=True, timeout=60, check=True
    )

    assert [line for line in told.stdout.splitlines() if not line.startswith("{")] == ["200 True", "200 True"]
