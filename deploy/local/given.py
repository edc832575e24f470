"""What the door was given. Standard library only, for it is read before any package exists.

The product's own settings are in settings.py; the processes that read them get their environment from here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failures import CannotStart

ROOT = Path(__file__).resolve().parents[2]
_HIGHEST_PORT = 65535


class BadSetting(CannotStart):
    """Someone set something that makes no sense."""


@dataclass(frozen=True, kw_only=True)
class Given:
    home: Path
    """Everything that is to survive a restart lies below it."""

    port: int
    database_url: str | None
    """None: a PostgreSQL of our own."""

    redis_url: str | None
    """None: a Valkey of our own."""

    live_port: int | None = None
    """Of the live updates; None: the next free one after the port of the pages."""

    @property
    def postgres_folder(self) -> Path:
        return self.home / "postgres"

    @property
    def valkey_folder(self) -> Path:
        return self.home / "valkey"


def read() -> Given:
    """Raises BadSetting."""
    return Given(
        home=Path(os.environ.get("KONTOR_HOME") or ROOT / "var").expanduser().resolve(),
        port=_number("PORT", default=8000, highest=_HIGHEST_PORT),
        database_url=os.environ.get("DATABASE_URL") or None,
        redis_url=os.environ.get("REDIS_URL") or None,
        live_port=_number("LIVE_PORT", default=0, highest=_HIGHEST_PORT) if os.environ.get("LIVE_PORT") else None,
    )


# glibc gives threads arenas of their own, and half empty ones cost more than waiting: Python runs one at a time.
_MEMORY = {"MALLOC_ARENA_MAX": "1"}


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that we start."""
    return _MEMORY | os.environ | dict(changes)


def defaults(values: Mapping[str, str]) -> dict[str, str]:
    """Those of the values that nobody has set."""
    return {name: value for name, value in values.items() if not os.environ.get(name)}


def _number(name: str, *, default: int, highest: int) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= highest):
        raise BadSetting(f"{name} must be a number from 1 to {highest}, not {text!r}.")
    return int(text)
