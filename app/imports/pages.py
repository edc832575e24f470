"""What the pages of imports show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask_babel import format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.core import access
from app.core.entities import EntityType, entity_types
from app.core.fields import Field, Text
from app.imports import mapping, queries, refused, sheets
from app.imports.models import Import, ImportState
from app.imports.preview import Preview, preview
from app.imports.rows import Checked
from tenants import clock, files

_STATES: Mapping[ImportState, tuple[Text, str]] = {
    ImportState.DRAFT: (_l("Not begun"), "plain"),
    ImportState.RUNNING: (_l("Running"), "accent"),
    ImportState.DONE: (_l("Done"), "good"),
    ImportState.CANCELLED: (_l("Cancelled"), "warn"),
}
_SAMPLES, _LONGEST_SAMPLE = 3, 60


def list_page(*, before: UUID | None) -> str:
    found: Sequence[Any] = queries.imports(before=before)
    rows = [
        {
            "url": url_for("imports.show", import_id=one.id),
            "name": _name(file_name),
            "kind": str(entity_types.named(one.entity).plural),
            "state": _STATES[one.state],
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
    return render_template("imports/new.html", entity=entity, kinds=kinds, known=known, error=error, back=back)


def page_of(entity: EntityType, one: Import, *, after: int = 0) -> str:
    """Of an import in whatever state it is: its columns, how far it is, or what came of it."""
    match one.state:
        case ImportState.DRAFT:
            return _columns_page(entity, one)
        case ImportState.RUNNING:
            return _progress_page(one)
        case _:
            return _report_page(entity, one, after=after)


def _columns_page(entity: EntityType, one: Import) -> str:
    path = files.path_of(one.file_id)
    headings = sheets.headings(path)
    sample, _ = sheets.rows(path, position=one.position, most=50)
    problems = mapping.problems(entity, one.mapping)
    return render_template(
        "imports/columns.html",
        one=one,
        name=_name(queries.name_of(one)),
        columns=_columns(headings, [row.cells for row in sample], one.mapping),
        fields=_choices(entity),
        required=mapping.required(entity),
        problems=problems,
        preview=None if problems else _preview(entity, one),
        counts=_counts(one),
        launch_label=_launch_label(one.total),
        may_write=access.may("imports.write") and access.may(entity.may("write")),
    )


def _launch_label(total: int) -> str:
    return ngettext("Import %(count)s row", "Import %(count)s rows", total, count=format_decimal(total))


def _columns(
    headings: Sequence[str], sample: Sequence[Sequence[str]], chosen: Sequence[str]
) -> list[tuple[str, list[str], str]]:
    """(heading, sample cells, chosen field)"""
    columns = []
    for at, (heading, field) in enumerate(zip(headings, chosen, strict=True)):
        cells = dict.fromkeys(cell for row in sample if (cell := "".join(row[at : at + 1]).strip()))
        samples = [cell[:_LONGEST_SAMPLE] for cell in list(cells)[:_SAMPLES]]
        columns.append((heading.strip() or gettext("Column %(number)d", number=at + 1), samples, field))
    return columns


def _choices(entity: EntityType) -> list[tuple[str, str]]:
    fields = entity_types.entry_fields(entity)
    return [("", gettext("Leave out")), *((field.name, str(field.label)) for field in fields)]


def _preview(entity: EntityType, one: Import) -> dict[str, Any]:
    found = preview(entity, one)
    labels = refused.labels_of(entity)
    shown = [field for field in entity_types.entry_fields(entity) if field.name in one.mapping]
    return {
        "headings": [str(field.label) for field in shown],
        "rows": [_preview_row(row, shown, labels) for row in found.rows],
        "summary": _summary(found, one),
        "refused": found.refused,
        "reasons": [
            (" ".join(refused.said([reason], labels)), format_decimal(count)) for reason, count in found.reasons
        ],
    }


def _preview_row(row: Checked, shown: Sequence[Field], labels: Mapping[str, str]) -> tuple[int, list[str], list[str]]:
    """(number, cells as they will be saved, reasons)"""
    cells = []
    for field in shown:
        value = row.values.get(field.name) or ""
        cells.append(str(dict(field.options).get(value, value)))
    return row.row.number, cells, refused.said(row.reasons, labels)


def _summary(found: Preview, one: Import) -> str:
    counts = {
        "fine": format_decimal(found.checked - found.refused),
        "refused": format_decimal(found.refused),
        "checked": format_decimal(found.checked),
    }
    if found.checked < one.total:
        return gettext(
            "Of the first %(checked)s rows, %(fine)s are fine and %(refused)s would be refused. "
            "The others are checked while they are imported.",
            **counts,
        )
    if not found.refused:
        return gettext("All %(checked)s rows are fine.", **counts)
    return gettext("%(fine)s rows are fine, %(refused)s would be refused.", **counts)


def _progress_page(one: Import) -> str:
    return render_template(
        "imports/progress.html",
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
    return render_template(
        "imports/report.html",
        one=one,
        entity=entity,
        name=_name(queries.name_of(one)),
        state=_STATES[one.state],
        counts=_counts(one),
        left=format_decimal(one.total - one.done),
        refusals=[(row.line, refused.said(row.reasons, labels), list(filter(None, row.cells))) for row in shown],
        next_url=url_for("imports.show", import_id=one.id, after=more) if more else None,
        may_write=access.may("imports.write"),
    )


def _counts(one: Import) -> dict[str, str]:
    return {name: format_decimal(getattr(one, name)) for name in ("total", "done", "created", "refused")}


def _name(file_name: str) -> str:
    return file_name or gettext("Pasted rows")
