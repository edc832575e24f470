"""A job that kills whichever worker begins it, as the kernel does where memory has run out."""

from __future__ import annotations

import os

from tenants.jobs import job


@job
def kill_the_worker() -> None:
    os._exit(9)
