"""Moments as browsers and programs send them."""

from __future__ import annotations

from datetime import datetime

from tenants import clock

YEARS = range(1900, 2200)
YEARS_PATTERN = "^(19|20|21)"
"""Beyond them a time of another zone may fall into a year that there is not."""


def read_moment(written: str) -> datetime:
    """Of a checked text. Without a zone it is what the clocks of the tenant show."""
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.zone())
