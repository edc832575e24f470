"""What surrounds every page: the tenant's name, the menu, the person, the last notice."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import flask
from flask import Flask, g, request, url_for
from flask_babel import gettext

from app.core import access, hearing, i18n, links
from app.core.features import MenuItem, features
from config.settings import settings
from tenants import suspension
from tenants.context import current_actor, current_scope, has_scope


@dataclass(frozen=True, kw_only=True)
class Notice:
    text: str
    undo_url: str | None = None
    undo_label: str = ""


@dataclass(frozen=True, kw_only=True)
class Ring:
    """The bell, as it stands on a page."""

    url: str
    renewed_url: str
    unread: int


@dataclass(frozen=True, kw_only=True)
class Frame:
    tenant_name: str
    logo_url: str
    """Empty where the firm has none."""

    user_name: str
    home_url: str
    search_url: str
    preferences_url: str
    menu: list[tuple[str, str, str, bool]]
    account: list[tuple[str, str, str, str]]
    quick: list[tuple[str, str, str]]
    bell: Ring | None
    notice: Notice | None
    live_url: str
    """Where this firm's live updates are; empty where there are none."""

    meanwhile_url: str
    """Who has changed the record of an open form, up to the record's id."""

    suspended_for: str | None
    """Why the account is suspended; None where it is not."""

    search_value: str = field(default="")


def init_app(app: Flask) -> None:
    app.context_processor(_page_context)
    app.jinja_env.globals.update(
        say_date=lambda at: i18n.reader().say_date(at),
        say_day=i18n.say_day,
        may=access.may,
        granted=hearing.granted,
        narrowed_list=links.narrowed_list,
    )


def notify(text: str, *, undo_url: str | None = None) -> None:
    """Say something on the next page that is shown, with a way back where there is one."""
    flask.session["notice"] = {"text": text, "undo_url": undo_url}


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
    ways = _ways(current_scope().slug, i18n.locale(), current_actor().permissions)
    return Frame(
        tenant_name=current_scope().name,
        logo_url=_logo_url(),
        user_name=current_actor().name,
        home_url=ways.home_url,
        search_url=ways.search_url,
        preferences_url=ways.preferences_url,
        menu=[(label, icon, url, room == request.blueprint) for label, icon, url, room in ways.menu],
        account=ways.account,
        quick=ways.quick,
        bell=_bell(),
        notice=_notice(),
        live_url=_live_url(),
        meanwhile_url=ways.meanwhile_url,
        suspended_for=_suspended_for(),
    )


def _logo_url() -> str:
    logo_id = current_scope().logo_id
    endpoint = next((feature.logo for feature in features if feature.logo), "")
    return url_for(endpoint, v=logo_id) if logo_id is not None and endpoint else ""


def _live_url() -> str:
    """Nothing happens in a suspended account."""
    if not settings().live_url or g.get("in_suspension"):
        return ""
    return f"{settings().live_url}/{current_scope().slug}"


def _suspended_for() -> str | None:
    found = suspension.of(current_scope().slug) if g.get("in_suspension") else None
    return found.reason if found else None


@dataclass(frozen=True, kw_only=True)
class _Ways:
    """Where one can go from every page."""

    home_url: str
    search_url: str
    preferences_url: str
    meanwhile_url: str
    menu: list[tuple[str, str, str, str]]
    """(label, icon, URL, name of the room)"""

    account: list[tuple[str, str, str, str]]
    quick: list[tuple[str, str, str]]


@lru_cache(maxsize=4096)
def _ways(_slug: str, _language: str, permissions: frozenset[str]) -> _Ways:
    """Made once for everybody who sees the same: a tenth of a page's time would go into addresses."""

    def items(place: str) -> list[tuple[str, str, str, str]]:
        found: list[MenuItem] = [item for feature in features for item in getattr(feature, place)]
        shown = [item for item in found if item.permission in permissions]
        return [(str(i.label), i.icon, url_for(i.endpoint), i.endpoint.partition(".")[0]) for i in shown]

    return _Ways(
        home_url=url_for("home.show"),
        search_url=url_for("search.find"),
        preferences_url=url_for("login.prefer"),
        meanwhile_url=_stem(features.meanwhile()) if features.meanwhile() else "",
        menu=items("menu"),
        account=[
            *((label, icon, url, "GET") for label, icon, url, _ in items("account")),
            (gettext("Other firms"), "building-2", url_for("login.choose"), "GET"),
            (gettext("Log out"), "log-out", url_for("login.log_out"), "POST"),
        ],
        quick=[(label, icon, url) for label, icon, url, _ in items("quick")],
    )


def _stem(endpoint: str) -> str:
    """The address of something about a record, up to the record's id."""
    nobody = UUID(int=0)
    return url_for(endpoint, record_id=nobody).removesuffix(str(nobody))


def _bell() -> Ring | None:
    found = features.bell()
    if found is None or not access.may(found.permission):
        return None
    return Ring(url=url_for(found.endpoint), renewed_url=url_for(found.renewed), unread=found.unread())


def _notice() -> Notice | None:
    kept = flask.session.pop("notice", None) if "notice" in flask.session else None
    return Notice(**kept) if kept else None
