from __future__ import annotations

from datetime import datetime, timedelta

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from app.core import access, feeds, i18n
from app.core.features import features
from app.core.web import Room
from app.home import numbers, queries
from billing import subscriptions
from tenants import cache, clock
from tenants.context import current_actor, current_scope

bp = Room("home", __name__)

_NOON, _EVENING = 11, 18
_A_MINUTE, _TEN_MINUTES = timedelta(minutes=1), timedelta(minutes=10)


@bp.get("/", allow="home.read")
def show() -> ResponseReturnValue:
    """Everybody's day begins here, and goes on here: as long as nobody writes anything, it is put together once a
    minute.
    """
    reader, actor = i18n.reader(), current_actor()
    read_by = (reader.locale, reader.time_format, actor.name, hash(actor.permissions))
    content = cache.remember_page(f"home {reader.now:%F %H:%M} {read_by}", _content, for_=_A_MINUTE)
    return render_template("home/today.html", content=content)


def _content() -> Markup:
    followed, _ = feeds.followed(queries.MOST_FOLLOWED)
    latest = () if followed else queries.latest()
    greeting, trial_ends_at = _greeting(), _trial_ends_at()
    if not followed and not latest:
        steps = _first_steps()
        shown = render_template("home/first_steps.html", greeting=greeting, trial_ends_at=trial_ends_at, steps=steps)
        return Markup(shown)
    shown = render_template(
        "home/latest.html",
        greeting=greeting,
        trial_ends_at=trial_ends_at,
        followed=followed,
        latest=latest,
        numbers=numbers.shown(),
        news=feeds.news(queries.MOST),
        agendas=queries.agendas(),
    )
    return Markup(shown)


def _trial_ends_at() -> datetime | None:
    """A day that moves only when somebody buys; home need not ask for it each time."""
    tenant_id = current_scope().tenant_id
    return cache.remember("home.trial", lambda: subscriptions.trial_ends_at(tenant_id), for_=_TEN_MINUTES)


def _greeting() -> str:
    name, hour = current_actor().name.split()[0], clock.local(clock.now()).hour
    if hour < _NOON:
        return gettext("Good morning, %(name)s", name=name)
    if hour < _EVENING:
        return gettext("Good day, %(name)s", name=name)
    return gettext("Good evening, %(name)s", name=name)


def _first_steps() -> list[tuple[str, str, str, str]]:
    """(label, what it is good for, icon, URL)"""
    return [
        (str(step.label), str(step.text), step.icon, url_for(step.endpoint))
        for feature in features
        for step in feature.first_steps
        if access.may(step.permission)
    ]
