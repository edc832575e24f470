"""What surrounds every page: the tenant's name, the menu, the person, the last notice."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import flask
from flask import Flask, g, request, url_for
from flask_babel import gettext

from app.core import access, i18n
from app.core.features import MenuItem, features
from tenants.context import current_actor, current_scope, has_scope

_BUILD = Path(__file__).parent / "static" / "build"
_HUES = 12


@dataclass(frozen=True, kw_only=True)
class Notice:
    text: str
    undo_url: str | None = None
    undo_label: str = ""


@dataclass(frozen=True, kw_only=True)
class Frame:
    tenant_name: str
    user_name: str
    home_url: str
    search_url: str
    preferences_url: str
    menu: list[tuple[str, str, str, bool]]
    account: list[tuple[str, str, str, str]]
    quick: list[tuple[str, str, str]]
    notice: Notice | None
    search_value: str = field(default="")


def init_app(app: Flask) -> None:
    app.context_processor(_page_context)
    app.jinja_env.globals.update(
        asset=asset,
        say_date=i18n.say_date,
        say_day=i18n.say_day,
        full_date=i18n.full_date,
        initials=initials,
        hue=hue,
        may=access.may,
    )


def notify(text: str, *, undo_url: str | None = None) -> None:
    """Say something on the next page that is shown, with a way back where there is one."""
    flask.session["notice"] = {"text": text, "undo_url": undo_url}


@cache
def asset(name: str) -> str:
    """The same for every request of a process; a page asks for some forty."""
    return url_for("static", filename=f"build/{_manifest()[name]}")


@cache
def _manifest() -> dict[str, str]:
    return dict(json.loads((_BUILD / "manifest.json").read_text()))


def initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


def hue(name: str) -> int:
    """Always the same colour for the same name."""
    return sum(name.encode()) % _HUES


def _page_context() -> dict[str, Any]:
    # Once a request: a page that is made of several templates shows its notice in the outer one.
    if "frame" not in g:
        g.frame = _frame() if has_scope() else None
    return {
        "frame": g.frame,
        "locale": i18n.locale(),
        "theme": i18n.theme(),
        "csp_nonce": g.get("csp_nonce", ""),
    }


def _frame() -> Frame:
    return Frame(
        tenant_name=current_scope().name,
        user_name=current_actor().name,
        home_url=url_for("home.show"),
        search_url=url_for("search.find"),
        preferences_url=url_for("login.prefer"),
        menu=[(str(i.label), i.icon, url_for(i.endpoint), _is_current(i)) for i in _open_to_me("menu")],
        account=[
            *((str(i.label), i.icon, url_for(i.endpoint), "GET") for i in _open_to_me("account")),
            (gettext("Other firms"), "building-2", url_for("login.choose"), "GET"),
            (gettext("Log out"), "log-out", url_for("login.log_out"), "POST"),
        ],
        quick=[(str(i.label), i.icon, url_for(i.endpoint)) for i in _open_to_me("quick")],
        notice=_notice(),
    )


def _open_to_me(place: str) -> list[MenuItem]:
    return [item for feature in features for item in getattr(feature, place) if access.may(item.permission)]


def _is_current(item: MenuItem) -> bool:
    return request.blueprint == item.endpoint.partition(".")[0]


def _notice() -> Notice | None:
    kept = flask.session.pop("notice", None) if "notice" in flask.session else None
    return Notice(**kept) if kept else None
