from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import access
from app.core.web import Room
from app.home import queries
from billing import subscriptions
from tenants import clock
from tenants.context import current_actor, current_scope

bp = Room("home", __name__)

_NOON, _EVENING = 11, 18


@bp.get("/", allow="home.read")
def show() -> ResponseReturnValue:
    latest = queries.latest()
    template = "home/latest.html" if latest else "home/first_steps.html"
    return render_template(
        template,
        greeting=_greeting(),
        trial_ends_at=subscriptions.trial_ends_at(current_scope().tenant_id),
        latest=latest,
        news=queries.news(),
        steps=_first_steps(),
    )


def _greeting() -> str:
    name, hour = current_actor().name.split()[0], clock.local(clock.now()).hour
    if hour < _NOON:
        return gettext("Good morning, %(name)s", name=name)
    if hour < _EVENING:
        return gettext("Good day, %(name)s", name=name)
    return gettext("Good evening, %(name)s", name=name)


def _first_steps() -> list[tuple[str, str, str, str]]:
    """(label, what it is good for, icon, URL)"""
    steps = [
        (
            "imports.write",
            gettext("Import your list"),
            gettext("From Excel, Outlook or another program, as a CSV file. You see everything before it is saved."),
            "upload",
            "imports.start",
        ),
        (
            "contacts.write",
            gettext("Enter your first contact"),
            gettext("A name is enough; phone, e-mail and company can follow."),
            "user-plus",
            "contacts.new",
        ),
        (
            "companies.write",
            gettext("Enter your first company"),
            gettext("With its address and the people who work there."),
            "building-2",
            "companies.new",
        ),
    ]
    return [(label, text, icon, url_for(endpoint)) for allow, label, text, icon, endpoint in steps if access.may(allow)]
