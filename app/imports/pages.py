"""What the pages of imports show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l

from app.core import access, records
from app.core.entities import EntityType, entity_types
from app.core.fields import Text
from app.imports import draft, queries, reading, refused
from app.imports.models import Import, ImportState
from tenants import clock, quotas

COUNTS = ("total", "done", "created", "updated", "unchanged", "refused", "undone", "left_alone")
_NAMED = 50
_STATES: Mapping[ImportState, tuple[Text, str]] = {
    ImportState.READING: (_l("Being read"), "accent"),
    ImportState.UNREADABLE: (_l("Not readable"), "bad"),
    ImportState.DRAFT: (_l("Not begun"), "plain"),
    ImportState.RUNNING: (_l("Running"), "accent"),
    ImportState.DONE: (_l("Done"), "good"),
    ImportState.CANCELLED: (_l("Cancelled"), "warn"),
}


def list_page(*, before: UUID | None) -> str:
    found: Sequence[Any] = queries.imports(before=before)
    rows = [
        {
            "url": url_for("imports.show", import_id=one.id),
            "name": _name(file_name),
            "kind": str(entity_types.named(one.entity).plural),
            "state": _state_of(one),
            "counts": _counts(one),
            "author": author or "",
            "at": one.created_at,
        }
        for one, file_name, author in found[: queries.PAGE]
    ]
    more = found[queries.PAGE - 1][0].id if len(found) > queries.PAGE else None
    next_url = url_for("imports.index", before=more) if more else None
    new_url = url_for("imports.start") if access.may("imports.write") else None
    return render_template("imports/index.html", rows=rows, next_url=next_url, new_url=new_url)


def upload_page(entity: EntityType, *, error: str = "") -> str:
    kinds = [
        (str(one.plural), url_for("imports.start", entity=one.name), one is entity)
        for one in entity_types
        if one.create is not None and access.may(one.may("write"))
    ]
    known = [str(field.label) for field in entity_types.entry_fields(entity)]
    back = url_for(entity.list_endpoint)
    most = min(reading.MOST_BYTES, quotas.most_bytes())
    return render_template(
        "imports/new.html",
        entity=entity,
        kinds=kinds,
        known=known,
        error=error,
        back=back,
        most_bytes=most,
        most=f"{most >> 20} MB",
    )


def page_of(entity: EntityType, one: Import, *, after: int = 0, error: str = "") -> str:
    """Of an import in whatever state it is: its columns, how far it is, or what came of it."""
    match one.state:
        case ImportState.READING if not one.headings or one.position:
            return _reading_page(one)
        case ImportState.READING | ImportState.DRAFT:
            return draft.columns_page(entity, one, error=error)
        case ImportState.UNREADABLE:
            return upload_page(entity, error=one.refusal)
        case ImportState.RUNNING:
            return _progress_page(one)
        case _ if one.is_being_undone:
            return _undoing_page(one)
        case _:
            return _report_page(entity, one, after=after)


def _reading_page(one: Import) -> str:
    """Of a list of which nothing can be shown before all of it is read."""
    return render_template(
        "imports/reading.html",
        one=one,
        name=_name(queries.name_of(one)),
        done=format_decimal(one.done),
        may_write=access.may("imports.write"),
    )


def _progress_page(one: Import) -> str:
    return render_template(
        "imports/progress.html",
        one=one,
        name=_name(queries.name_of(one)),
        counts=_counts(one),
        stalled=one.has_stalled(at=clock.now()),
        may_write=access.may("imports.write"),
    )


def _undoing_page(one: Import) -> str:
    return render_template(
        "imports/undoing.html",
        one=one,
        name=_name(queries.name_of(one)),
        counts=_counts(one),
        stalled=one.has_stalled(at=clock.now()),
        may_write=access.may("imports.write"),
    )


def _report_page(entity: EntityType, one: Import, *, after: int) -> str:
    found = queries.refusals(one.id, after=after)
    shown = found[: queries.PAGE]
    labels = refused.labels_of(entity)
    more = shown[-1].line if len(found) > queries.PAGE else None
    may_write = access.may("imports.write") and access.may(entity.may("write"))
    return render_template(
        "imports/report.html",
        one=one,
        entity=entity,
        name=_name(queries.name_of(one)),
        state=_state_of(one),
        counts=_counts(one),
        left=format_decimal(one.total - one.done),
        kept=_left_alone(one),
        refusals=[(row.line, refused.said(row.reasons, labels), list(filter(None, row.cells))) for row in shown],
        next_url=url_for("imports.show", import_id=one.id, after=more) if more else None,
        may_write=may_write,
        may_undo=may_write and one.can_be_undone and access.may(entity.may("delete")),
    )


def _state_of(one: Import) -> tuple[Text, str]:
    if one.undone_at is not None:
        return _l("Undone"), "plain"
    return (_l("Being undone"), "accent") if one.is_being_undone else _STATES[one.state]


def _left_alone(one: Import) -> list[tuple[str, str, str]]:
    """(what it is called, its page, icon) of records that were changed since, one statement a kind."""
    if not one.left_alone:
        return []
    ids: dict[str, list[UUID]] = {}
    for kind, record_id in queries.left_alone(one.id, most=_NAMED):
        ids.setdefault(kind, []).append(record_id)
    named = []
    for kind, own in ids.items():
        entity = entity_types.named(kind)
        titles = records.titles(entity, own)
        named += [(titles[i], url_for(entity.endpoint, record_id=i), entity.icon) for i in own if i in titles]
    return named


def _counts(one: Import) -> dict[str, str]:
    return {name: format_decimal(getattr(one, name)) for name in COUNTS}


def _name(file_name: str) -> str:
    return file_name or gettext("Pasted rows")
