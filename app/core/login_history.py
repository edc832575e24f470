"""The last log-ins in words, for whoever logged in."""

from __future__ import annotations

from collections.abc import Sequence

from app.core import callers, i18n
from tenants.logins import Told


def say(found: Sequence[Told]) -> list[tuple[bool, str, str, str]]:
    """(succeeded, when, in which browser, from where)"""
    return [
        (
            one.succeeded,
            i18n.reader().say_moment(one.created_at),
            callers.say_device(one.device),
            callers.shortened(one.address),
        )
        for one in found
    ]
