from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import access, keys, links, trail
from app.core.entities import entity_types
from app.core.features import features
from app.core.web import Room
from app.search import queries
from app.search.queries import Hits

bp = Room("search", __name__)

Way = tuple[str, str, str, str]
"""(URL, title, subtitle, icon)"""

_WAYS = 8


@bp.get("/search", allow="search.read")
def find() -> ResponseReturnValue:
    words = request.args.get("q", "").replace("\0", "").strip()[:100]
    searched = [entity for entity in entity_types if access.may(entity.may("read"))]
    found = queries.find(words, searched)
    ways = _ways(words)
    opened = [] if words else _opened_last()
    own = [(gettext("Opened last"), opened, ""), (gettext("Go to"), ways, "")]
    groups = [*(group for group in own if group[1]), *(_group(hits, words) for hits in found)]
    page = {"query": words, "groups": groups, "empty": _empty(words)}
    return render_template("core/search.html", page=page)


def _opened_last() -> list[Way]:
    return [
        (url_for(entity.endpoint, record_id=record_id), title, str(entity.label), entity.icon)
        for entity, record_id, title in trail.latest()
    ]


def _ways(words: str) -> list[Way]:
    """What one can do or open that is called like that; all of it as long as nothing is typed."""
    typed = keys.plain(words)
    items = [item for feature in features for item in (*feature.quick, *feature.menu, *feature.account)]
    open_to_me = [(str(item.label), item) for item in items if access.may(item.permission)]
    return [
        (url_for(item.endpoint), label, "", item.icon)
        for label, item in open_to_me
        if all(word in keys.plain(label) for word in typed.split())
    ][:_WAYS]


def _group(hits: Hits, words: str) -> tuple[str, list[Way], str]:
    """(kind of record, its best hits, URL of all where there are more)"""
    entity, url_of = hits.entity, links.record_urls(hits.entity)
    rows = [(url_of(row.id), row.title, _beside(hits, row.id), entity.icon) for row in hits.page.rows]
    return str(entity.plural), rows, url_for(entity.list_endpoint, q=words) if hits.page.next else ""


def _beside(hits: Hits, record_id: UUID) -> str:
    texts = hits.page.cells.get(record_id, {})
    return " · ".join(text for text in texts.values() if text)


def _empty(words: str) -> str:
    if words:
        return gettext("No results for “%(words)s”. Try fewer letters, or another spelling.", words=words)
    return gettext("Type a name, a company, a phone number in any notation, an e-mail or a place.")
