"""Jobs that tests put off. Importing this registers them, also in the processes that tests start."""

from __future__ import annotations

import os
import time
from pathlib import Path

from app.companies import actions
from app.core.entities import NewRecord
from tenants.jobs import job


@job
def add_company(*, name: str) -> None:
    actions.add_company(NewRecord({"name": name}), [])


@job
def add_company_slowly(*, name: str, sign: str) -> None:
    """Adds the company, gives a sign, and then takes its time unless the sign is taken away."""
    actions.add_company(NewRecord({"name": name}), [])
    Path(sign).touch()
    while Path(sign).exists():
        time.sleep(0.02)


@job
def fail(*, reason: str) -> None:
    actions.add_company(NewRecord({"name": "half done"}), [])
    raise ValueError(reason)


@job
def kill_the_worker(*, name: str) -> None:
    """As the kernel does where memory has run out: nobody is told anything."""
    actions.add_company(NewRecord({"name": name}), [])
    os._exit(9)
