"""Who calls, as far as the network and the browser say."""

from __future__ import annotations

from flask import request
from flask_babel import gettext

from app.core import devices, known_browsers
from tenants import counting
from tenants.guessing import Caller

_SHOWN = 3
"""Parts of an address."""


def caller(email: str) -> Caller:
    """Whoever types the password of this account."""
    return Caller(address=address(), device=device(), browser=known_browsers.known_to(email))


def address() -> str:
    """As the network has it; of proxies only our own are believed."""
    return request.remote_addr or "unknown"


def network() -> str:
    """By which the address is counted."""
    return counting.network(address())


def device() -> str:
    """ "Firefox, Windows"; empty where nothing is recognised."""
    return devices.words(request.user_agent.string)


def say_device(device: str) -> str:
    return device or gettext("Unknown browser")


def shortened(address: str) -> str:
    """As much of an address as tells somebody whether it was theirs: "203.0.113.…", "2001:db8:1:…"."""
    mark = ":" if ":" in address else "."
    parts = address.split(mark)
    return mark.join([*parts[:_SHOWN], "…"]) if len(parts) > _SHOWN else address
