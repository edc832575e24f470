"""An application that takes as long as its address says: ``/5`` answers after five seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    time.sleep(float(environ["PATH_INFO"].strip("/") or 0))
    start_response("200 OK", [("Content-Length", "5")])
    return [b"ended"]
