"""The page of a list: what the address asks for, loaded by app/core/listing.py, said for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from app.core import access, errors, filtering, hearing, i18n, links, listing, selecting, showing
from app.core.conditions import UnreadableCondition
from app.core.entities import Column, EntityType, Filter
from app.core.features import Kept, features
from app.core.listing import Page, Query
from app.core.markup import avatar

Action = tuple[str, str, str, bool]
"""(label, icon, URL, primary)"""

Address = Mapping[str, str]
"""The query of a list's address: what it shows, and how."""

COLUMNS, EDIT, CHECKED = "columns", "edit", "checked"
PLACES = frozenset({"after", "before", EDIT, CHECKED})
"""What an address says of where somebody is, beside what is shown."""

Cell = tuple[str, bool]
"""(text, whether it is a number)"""

Line = tuple[str, str, str, Markup, str, Sequence[Cell]]
"""(id, URL, title, its avatar, subtitle of the phone's two-line row, cells)"""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a list says, by the feature that owns it."""

    placeholder: str
    empty_title: str
    empty_text: str
    new_label: str


def list_page(entity: EntityType, words: Words, *, new_url: str) -> str:
    keeper = features.list_keeper()
    kept = keeper.recall(entity) if keeper else Kept()
    address = addressed(entity, request.args, kept)
    try:
        query, problem = asked(entity, address), ""
        page = listing.load(entity, query)
    except UnreadableCondition as refusal:
        # Rows that nobody asked for would be worse than none.
        query, problem, page = Query(), errors.say(refusal), Page(rows=[], cells={}, next=None, previous=None)
    shown = {
        **_around(entity, address, query, words),
        **_table(entity, page, query, address),
        "tabs": keeper.tabs(entity, kept, address) if keeper else "",
        "tools": keeper.tools(entity, kept, address) if keeper and (page.rows or address) else "",
        "problem": problem,
        "count_text": _remark(page),
        "actions": _actions(entity, words, new_url),
        "empty": _empty(problem, query, words, _actions(entity, words, new_url)),
    }
    return render_template("core/list.html", page=shown)


def _around(entity: EntityType, address: Address, query: Query, words: Words) -> dict[str, Any]:
    filters = _filters(entity, query)
    return {
        "title": str(entity.plural),
        "live": hearing.granted(entity.model.__tablename__),
        "search": _search_box(entity, address, words),
        "filters": [one for one in filters if len(one[3]) > 1],
        "bar": selecting.bar(entity, filters),
        "ways": _ways(entity, address),
        "query": urlencode(address),
    }


def _table(entity: EntityType, page: Page, query: Query, address: Address) -> dict[str, Any]:
    heads = showing.columns(entity, query.columns)
    return {
        "columns": [(str(c.label), _sort_url(c, query, address), _sorted(c, query), c.numeric) for c in heads],
        "rows": _rows(entity, page, heads),
        "only_similar": page.only_similar,
        "previous_url": url_with(address, before=page.previous) if page.previous else None,
        "next_url": url_with(address, after=page.next) if page.next else None,
    }


def addressed(entity: EntityType, given: Mapping[str, str], kept: Kept) -> Address:
    """What a list shows, as an address says it in full: what is kept stands for what is not said."""
    address = {name: value for name, value in given.items() if value} or dict(kept.address)
    columns = ",".join(showing.read(entity, address.get(COLUMNS, ""))) or ",".join(kept.columns)
    return {**address, COLUMNS: columns} if columns else {n: v for n, v in address.items() if n != COLUMNS}


def _search_box(entity: EntityType, address: Address, words: Words) -> dict[str, Any]:
    asked_elsewhere = {"q", "after", "before", *(f.name for f in filtering.filters_of(entity))}
    return {
        "value": address.get("q", ""),
        "placeholder": words.placeholder,
        "action_url": request.path,
        "keep": [(name, value) for name, value in address.items() if name not in asked_elsewhere],
    }


def _remark(page: Page) -> str:
    return gettext("No exact match. These are similar.") if page.only_similar else ""


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


def _ways(entity: EntityType, address: Address) -> list[tuple[str, str, str]]:
    """(label, icon, URL)"""
    shown = {name: value for name, value in address.items() if name not in PLACES}
    return [
        (str(way.label), way.icon, f"{url_for(way.endpoint)}?{urlencode({**shown, 'entity': entity.name})}")
        for feature in features
        for way in feature.list_ways
        if access.may(way.permission) and access.may(entity.may(way.verb))
    ]


def asked(entity: EntityType, address: Mapping[str, str]) -> Query:
    """What the query of a list's address asks for.

    Raises UnreadableCondition.
    """
    sort = address.get("sort", "")
    return Query(
        words=address.get("q", "")[:100].replace("\0", ""),
        sort=sort if sort in listing.SORTS else "name",
        filters=filtering.asked(entity, address),
        columns=showing.read(entity, address.get(COLUMNS, "")),
        after=address.get("after"),
        before=address.get("before"),
    )


def _rows(entity: EntityType, page: Page, columns: Sequence[Column]) -> list[Line]:
    rows: list[Line] = []
    url_of, say = links.record_urls(entity), i18n.reader().say_date
    heads = [(column.name, column.numeric) for column in columns[1:]]
    for record_id, title, _, updated_at, *_ in page.rows:
        texts = {**page.cells[record_id], "recent": say(updated_at)}
        cells = [(texts.get(name, ""), numeric) for name, numeric in heads]
        subtitle = next((text for text, _ in cells[:-1] if text), "")
        rows.append((str(record_id), url_of(record_id), title, avatar(title), subtitle, cells))
    return rows


def _filters(entity: EntityType, query: Query) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    chosen = query.filters or {}
    return [
        (f.name, str(f.label), chosen.get(f.name, ""), [("", str(f.label)), *_choices(f)])
        for f in filtering.filters_of(entity)
    ]


def _choices(described: Filter) -> Sequence[tuple[str, str]]:
    if described.choices is not None:
        return described.choices()
    return [(value, str(text)) for value, text in described.options]


def _sort_url(column: Column, query: Query, address: Address) -> str | None:
    if column.sort is None:
        return None
    turned = f"-{column.sort}" if query.sort == column.sort and f"-{column.sort}" in listing.SORTS else column.sort
    return url_with(address, sort=turned)


def _sorted(column: Column, query: Query) -> str | None:
    if column.sort is None or query.sort.lstrip("-") != column.sort:
        return None
    return "desc" if query.sort.startswith("-") or column.sort == "recent" else "asc"


def url_with(address: Address, **changes: str) -> str:
    """This list with something asked for differently; another order or page begins anew."""
    kept = {name: value for name, value in address.items() if name not in PLACES}
    return f"{request.path}?{urlencode({**kept, **changes})}"


def _empty(
    problem: str, query: Query, words: Words, actions: Sequence[Action]
) -> tuple[str, str, Sequence[Action], str]:
    if problem:
        return gettext("This filter cannot be used"), problem, (), "circle-alert"
    if query.words or query.filters:
        return gettext("Nothing found"), gettext("Try fewer letters, or another spelling."), (), "inbox"
    return words.empty_title, words.empty_text, actions, "inbox"
