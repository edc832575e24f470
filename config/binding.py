"""Whether the place where a server is to listen is free, said before the server is started."""

from __future__ import annotations

import socket
from pathlib import Path

from config.settings import SettingsRefused


def see_that_it_is_free(bind: str) -> None:
    """Raises SettingsRefused with one sentence; gunicorn would try for a while and then tell of errno 98."""
    if bind.startswith("unix:"):
        folder = Path(bind.removeprefix("unix:")).parent
        if not folder.is_dir():
            raise SettingsRefused(f"BIND names a socket in {folder}, and there is no such folder.")
        return
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise SettingsRefused(_sentence(bind, error)) from error


def _sentence(bind: str, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"{bind} may not be used by this user; let BIND name a port above 1023."
    return f"Kontor cannot listen on {bind} ({error.strerror}); stop what listens there, or choose another BIND."
