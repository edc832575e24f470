"""The two logins of the running processes, and the addresses under which they log in. Standard library only."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

PLATFORM = "kontor_platform"
"""Knows which firms and people there are (schema ``platform``)."""

CELL = "kontor_app_main"
"""Of the first cell; has no rights of its own, only those of the firm in whose name it works."""

NAMES = {"DATABASE_URL": PLATFORM, "CELL_URL": CELL}
"""Which login each address must name."""


def addresses(provisioner_url: str, *, password: str | None) -> dict[str, str]:
    """DATABASE_URL and CELL_URL of the database that the provisioner reaches.

    Without a password they are for a server that asks its own machine for none.
    """
    return {variable: _as(provisioner_url, login, password) for variable, login in NAMES.items()}


def _as(url: str, login: str, password: str | None) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    who = f"{login}:{quote(password, safe='')}" if password else login
    # Built by hand: an address of a socket has no host, and urlunsplit would take its slashes away.
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{who}@{place}{parts.path}{query}"
