"""The page of a list: what the address asks for, loaded by app/core/listing.py, said for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask_babel import gettext

from app.core import access, i18n, links, listing, selecting
from app.core.entities import Column, EntityType, Filter, entity_types
from app.core.features import features
from app.core.listing import Page, Query

Action = tuple[str, str, str, bool]
"""(label, icon, URL, primary)"""

Cell = tuple[str, bool]
"""(text, whether it is a number)"""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a list says, by the feature that owns it."""

    placeholder: str
    empty_title: str
    empty_text: str
    new_label: str


def list_page(entity: EntityType, words: Words, *, new_url: str) -> str:
    query = asked(entity, request.args)
    actions = _actions(entity, words, new_url)
    page = listing.load(entity, query)
    heads, filters = columns(entity), _filters(entity, query)
    shown = {
        "title": str(entity.plural),
        "live": entity.model.__tablename__,
        "search": _search_box(query, words),
        "filters": [one for one in filters if len(one[3]) > 1],
        "columns": [(str(c.label), _sort_url(c, query), _sorted(c, query), c.numeric) for c in heads],
        "rows": _rows(entity, page, heads),
        "count_text": _remark(page),
        "previous_url": _address(before=page.previous) if page.previous else None,
        "next_url": _address(after=page.next) if page.next else None,
        "ways": _ways(entity) if page.rows else [],
        "bar": selecting.bar(entity, filters) if page.rows else None,
        "actions": actions,
        "empty": _empty(query, words, actions),
    }
    return render_template("core/list.html", page=shown)


def _search_box(query: Query, words: Words) -> dict[str, Any]:
    return {
        "value": query.words,
        "placeholder": words.placeholder,
        "action_url": request.path,
        "keep": [("sort", query.sort)] if query.sort != "name" else [],
    }


def _remark(page: Page) -> str:
    return gettext("Nothing is spelt like that. This is spelt almost like that.") if page.only_similar else ""


def _actions(entity: EntityType, words: Words, new_url: str) -> list[Action]:
    """What the actor can do here: import a list where there is a door for it, enter a new record."""
    imports = [
        (str(item.label), item.icon, url_for(item.endpoint, entity=entity.name), False)
        for feature in features
        for item in feature.list_actions
        if entity.create is not None and access.may(item.permission)
    ]
    new = [(words.new_label, "plus", new_url, True)] if access.may(entity.may("write")) else []
    return [*imports, *new]


def _ways(entity: EntityType) -> list[tuple[str, str, str]]:
    """(label, icon, URL)"""
    shown = {name: value for name, value in request.args.items() if name not in {"after", "before"} and value}
    return [
        (str(way.label), way.icon, f"{url_for(way.endpoint)}?{urlencode({**shown, 'entity': entity.name})}")
        for feature in features
        for way in feature.list_ways
        if access.may(way.permission) and access.may(entity.may(way.verb))
    ]


def asked(entity: EntityType, address: Mapping[str, str]) -> Query:
    """What the query of a list's address asks for."""
    sort = address.get("sort", "")
    chosen = {f.name: value for f in listing.filters_of(entity) if (value := address.get(f.name))}
    return Query(
        words=address.get("q", "")[:100].replace("\0", ""),
        sort=sort if sort in listing.SORTS else "name",
        filters=chosen,
        after=address.get("after"),
        before=address.get("before"),
    )


def columns(entity: EntityType) -> list[Column]:
    """Of its list: the name first, the day of the last change last."""
    added = [column for extension in entity_types.extensions(entity) for column in extension.columns]
    changed = Column(name="recent", label=gettext("Last changed"), sort="recent", numeric=True)
    # Records that are not in the order of their names say so by another column.
    by_title = not any(column.sort == "name" for column in added)
    title = Column(name="title", label=entity.title_label or gettext("Name"), sort="name" if by_title else None)
    return [title, *added, changed]


def _rows(entity: EntityType, page: Page, columns: Sequence[Column]) -> list[tuple[str, str, str, str, list[Cell]]]:
    """(id, URL, title, subtitle of the phone's two-line row, cells)"""
    rows, url_of, say = [], links.record_urls(entity), i18n.reader().say_date
    heads = [(column.name, column.numeric) for column in columns[1:]]
    for record_id, title, _, updated_at in page.rows:
        texts = {**page.cells[record_id], "recent": say(updated_at)}
        cells = [(texts.get(name, ""), numeric) for name, numeric in heads]
        subtitle = next((text for text, _ in cells[:-1] if text), "")
        rows.append((str(record_id), url_of(record_id), title, subtitle, cells))
    return rows


def _filters(entity: EntityType, query: Query) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    chosen = query.filters or {}
    return [
        (f.name, str(f.label), chosen.get(f.name, ""), [("", str(f.label)), *_choices(f)])
        for f in listing.filters_of(entity)
    ]


def _choices(described: Filter) -> Sequence[tuple[str, str]]:
    if described.choices is not None:
        return described.choices()
    return [(value, str(text)) for value, text in described.options]


def _sort_url(column: Column, query: Query) -> str | None:
    if column.sort is None:
        return None
    turned = f"-{column.sort}" if query.sort == column.sort and f"-{column.sort}" in listing.SORTS else column.sort
    return _address(sort=turned)


def _sorted(column: Column, query: Query) -> str | None:
    if column.sort is None or query.sort.lstrip("-") != column.sort:
        return None
    return "desc" if query.sort.startswith("-") or column.sort == "recent" else "asc"


def _address(**changes: str) -> str:
    """This list with something asked for differently; another order or page begins anew."""
    kept = {name: value for name, value in request.args.items() if name not in {"after", "before"} and value}
    return f"{request.path}?{urlencode({**kept, **changes})}"


def _empty(query: Query, words: Words, actions: Sequence[Action]) -> tuple[str, str, Sequence[Action]]:
    if query.words or query.filters:
        return gettext("Nothing found"), gettext("Try fewer letters, or another spelling."), ()
    return words.empty_title, words.empty_text, actions
