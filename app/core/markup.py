"""The smallest parts of pages. A page has a hundred of them, and a macro would cost ten times as much."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from flask import Flask, g, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.core import i18n

_BUILD = Path(__file__).parent / "static" / "build"
_HUES = 12
_TITLE = re.compile(r"dr|prof|mag|\w[\w.-]+\.", re.IGNORECASE)
"""What stands before a name: "Dr.", "Dipl.-Ing.", "med."; the initial of a first name is none."""


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, avatar=avatar, csrf=csrf, icon=icon, moment=moment)


@cache
def asset(name: str) -> str:
    """Address of a built file."""
    return url_for("static", filename=f"build/{_manifest()[name]}")


@cache
def _manifest() -> dict[str, str]:
    return dict(json.loads((_BUILD / "manifest.json").read_text()))


@cache
def icon(name: str, own_class: str = "") -> Markup:
    classes = f"icon {own_class}".rstrip()
    shown = '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>'
    return Markup(shown).format(classes, asset("icons.svg"), name)


@lru_cache(maxsize=4096)
def avatar(name: str, size: str = "") -> Markup:
    """The initials of a person or firm, always in the same colour for the same name."""
    sized = f" avatar-{size}" if size else ""
    shown = '<span class="avatar{} hue-{}" aria-hidden="true">{}</span>'
    return Markup(shown).format(sized, sum(name.encode()) % _HUES, _initials(name))


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum() and not _TITLE.fullmatch(word)]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


def moment(at: datetime) -> Markup:
    """When something happened, shortly; in full for whoever points at it."""
    reader = i18n.reader()
    # Dates hold no sign that HTML would read otherwise, so nothing is escaped.
    return Markup(f'<time datetime="{at.isoformat()}" title="{reader.full_date(at)}">{reader.say_date(at)}</time>')


def csrf() -> Markup:
    """The hidden field that every form carries, made once for all forms of a page."""
    if "csrf_field" not in g:
        g.csrf_field = Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
    field: Markup = g.csrf_field
    return field
