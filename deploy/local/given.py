"""What the door was given. Standard library only, for it is read before any package exists.

The product's own settings are in settings.py; the processes that read them get their environment from here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config.loopback import LOOPBACK
from deploy.local.failures import CannotStart

_FOR_SERVERS = ("DATABASE_URL", "CELL_URL", "DIRECT_URL", "TRUSTED_PROXIES", "BIND")
ROOT = Path(__file__).resolve().parents[2]
_HIGHEST_PORT = 65535


class BadSetting(CannotStart):
    """Someone set something that makes no sense."""


@dataclass(frozen=True, kw_only=True)
class Given:
    home: Path
    """Everything that is to survive a restart lies below it."""

    port: int
    provisioner_url: str | None
    """Where roles and schemas may be created; None: in a PostgreSQL of our own."""

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
    _refuse_what_is_for_servers()
    return Given(
        home=Path(os.environ.get("KONTOR_HOME") or ROOT / "var").expanduser().resolve(),
        port=_number("PORT", default=8000, highest=_HIGHEST_PORT),
        provisioner_url=os.environ.get("PROVISIONER_URL") or None,
        redis_url=os.environ.get("REDIS_URL") or None,
        live_port=_number("LIVE_PORT", default=0, highest=_HIGHEST_PORT) if os.environ.get("LIVE_PORT") else None,
    )


def _refuse_what_is_for_servers() -> None:
    """What ./run starts shows every mail to whoever comes by, and lets demo log-ins in that everybody knows."""
    public_url = os.environ.get("PUBLIC_URL", "")
    if public_url and urlsplit(public_url).hostname not in LOOPBACK:
        raise BadSetting(
            f"./run is for trying Kontor on this machine: it shows all mails and has log-ins that everybody knows, so"
            f" PUBLIC_URL cannot be {public_url}; for others start `kontor web` and the other processes of deploy/."
        )
    for name in _FOR_SERVERS:
        if os.environ.get(name):
            raise BadSetting(f"{name} is for the processes of deploy/, such as `kontor web`; ./run does without it.")


# glibc gives threads arenas of their own, and half empty ones cost more than waiting: Python runs one at a time.
_MEMORY = {"MALLOC_ARENA_MAX": "1"}


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that we start; what only some may know is added for those."""
    inherited = {name: value for name, value in os.environ.items() if name != "PROVISIONER_URL"}
    return _MEMORY | inherited | dict(changes)


def defaults(values: Mapping[str, str]) -> dict[str, str]:
    """Those of the values that nobody has set."""
    return {name: value for name, value in values.items() if not os.environ.get(name)}


def _number(name: str, *, default: int, highest: int) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= highest):
        raise BadSetting(f"{name} must be a number from 1 to {highest}, not {text!r}.")
    return int(text)
