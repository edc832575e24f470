from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import access, links
from app.core.entities import entity_types
from app.core.web import Room
from app.search import queries
from app.search.queries import Hits

bp = Room("search", __name__)


@bp.get("/search", allow="search.read")
def find() -> ResponseReturnValue:
    words = request.args.get("q", "").replace("\0", "").strip()[:100]
    searched = [entity for entity in entity_types if access.may(entity.may("read"))]
    found = queries.find(words, searched)
    page = {"query": words, "groups": [_group(hits) for hits in found], "empty": _empty(words)}
    return render_template("core/search.html", page=page)


def _group(hits: Hits) -> tuple[str, list[tuple[str, str, str, str]]]:
    entity, url_of = hits.entity, links.record_urls(hits.entity)
    rows = [(url_of(row.id), row.title, _beside(hits, row.id), entity.icon) for row in hits.page.rows]
    return str(entity.plural), rows


def _beside(hits: Hits, record_id: UUID) -> str:
    texts = hits.page.cells.get(record_id, {})
    return " · ".join(text for text in texts.values() if text)


def _empty(words: str) -> str:
    if words:
        return gettext("Nothing is called “%(words)s”, and nobody can be reached that way.", words=words)
    return gettext("Type a name, a company, a phone number in any notation, an e-mail or a place.")
