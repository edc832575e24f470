"""Who calls, as far as the network and the browser say."""

from __future__ import annotations

from flask import request
from flask_babel import gettext

from app.core import devices


def address() -> str:
    """As the network has it; of proxies only our own are believed."""
    return request.remote_addr or "unknown"


def device() -> str:
    """ "Firefox, Windows"; empty where nothing is recognised."""
    return devices.words(request.user_agent.string)


def say_device() -> str:
    return device() or gettext("Unknown browser")
