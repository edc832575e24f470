"""Forwarding in tests: the relay looks once, a real worker takes every turn that is due, and both stop."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.notifications.models import Notification
from tenants import clock, lanes, relay
from tests.firms import Firm


def forward(app: Flask) -> None:
    """Until nobody has anything left: what is forwarded may make something due."""
    with app.app_context():
        while relay.tell_waiting():
            lanes.worker().work(burst=True, logging_level="CRITICAL")


def told(firm: Firm) -> list[Notification]:
    """All notifications of a firm, oldest first."""
    with firm.work() as session:
        return list(session.scalars(select(Notification).order_by(Notification.at, Notification.id)))


def travel(to: timedelta) -> None:
    """So far from the present of the machine."""
    clock.travel_with(lambda: to)
