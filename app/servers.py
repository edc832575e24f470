"""The doors of the web server and of the live updates: this process becomes gunicorn."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import config
from config import binding
from config.settings import LIVE_BIND, WEB_BIND, server_settings, without_provisioner

_CONFIG = Path(config.__file__).parent
_ROOT = _CONFIG.parent


def become_web() -> NoReturn:
    """Raises SettingsRefused."""
    without_provisioner("web")
    binding.see_that_it_is_free(server_settings(default_bind=WEB_BIND).bind)
    _become_gunicorn("gunicorn.py", "wsgi:app")


def become_live() -> NoReturn:
    """Raises SettingsRefused."""
    without_provisioner("live")
    binding.see_that_it_is_free(server_settings(default_bind=LIVE_BIND).bind)
    _become_gunicorn("live_server.py", "app.live:create_app()")


def _become_gunicorn(options: str, application: str) -> NoReturn:
    """The same process, so that whoever started it also stops it."""
    sys.stdout.flush()
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(_ROOT), "-c", str(_CONFIG / options), application]
    os.execv(sys.executable, command)
