"""Packages that are heavy and rarely used: loaded when they are first asked for, in the process that asks.

The one place with importlib; everything else is imported at the top of its module.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Literal

Heavy = Literal[
    "alembic.config",
    "alembic.runtime.environment",
    "alembic.script",
    "cryptography.fernet",
    "obstore",
    "obstore.exceptions",
    "obstore.store",
    "openpyxl",
    "openpyxl.cell",
    "openpyxl.cell.cell",
    "segno",
    "sentry_sdk",
    "webauthn",
    "webauthn.helpers",
    "webauthn.helpers.exceptions",
    "webauthn.helpers.structs",
    "zxcvbn",
]


@cache
def module(name: Heavy) -> ModuleType:
    """Raises ImportError where an optional package is not installed."""
    return import_module(name)
