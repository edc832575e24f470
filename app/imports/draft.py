"""What the page of an import shows before it begins: its columns, what would come of them, what exists already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request, url_for
from flask_babel import format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.core import access, records
from app.core.entities import EntityType, entity_types
from app.core.fields import Field, Text
from app.imports import mapping, queries, refused, sheets
from app.imports.models import Import, ImportState, Way
from app.imports.preview import Preview, preview
from app.imports.rows import Checked
from tenants import files

_SAMPLES, _LONGEST_SAMPLE = 3, 60
_WAYS: Sequence[tuple[Way, Text, Text]] = (
    (Way.NEW, _l("Add only what is new"), _l("Rows about records that exist are left out.")),
    (Way.FILL, _l("Also fill gaps"), _l("In records that exist, what is empty is filled. Nothing is replaced.")),
    (
        Way.OVERWRITE,
        _l("Also overwrite"),
        _l("In records that exist, the list replaces what stands there. Empty cells change nothing."),
    ),
)


def columns_page(entity: EntityType, one: Import, *, error: str = "") -> str:
    """Of a list that is still being read: without what would come of it."""
    headings, sample = _first_rows(one)
    is_read = one.state is ImportState.DRAFT
    problems = mapping.problems(entity, one.mapping, way=one.way)
    found = preview(entity, one) if is_read and not problems else None
    said = error or one.refusal
    return render_template(
        "imports/columns.html",
        one=one,
        name=queries.name_of(one) or gettext("Pasted rows"),
        columns=_columns(headings, sample, one.mapping),
        fields=_choices(entity),
        required=mapping.required(entity),
        problems=[said] if said else problems,
        reading=not is_read or request.headers.get("Turbo-Frame") == "reading",
        is_read=is_read,
        counts={"done": format_decimal(one.done), "total": format_decimal(one.total)},
        sheets=[(sheet, sheet) for sheet in one.sheets],
        ways=_WAYS if entity.revision is not None else (),
        keys=mapping.keys_of(entity),
        preview=_shown(entity, one, found) if found is not None else None,
        launch_label=_launch_label(found, one) if found is not None else "",
        may_write=access.may("imports.write") and access.may(entity.may("write")),
    )


def _first_rows(one: Import) -> tuple[list[str], list[list[str]]]:
    """(headings, cells of the first rows below them)"""
    rows, _ = sheets.rows(files.path_of(one.file_id), position=0, most=1 + sheets.SAMPLED)
    return rows[0].cells, [row.cells for row in rows[1:]]


def _launch_label(found: Preview, one: Import) -> str:
    """How many rows will come in; empty when none would."""
    left_out = found.refused + (found.met if one.way is Way.NEW else 0)
    coming = one.total - left_out
    if found.checked < one.total:
        return gettext("Import up to %(count)s rows", count=format_decimal(coming))
    if not coming:
        return ""
    return ngettext("Import %(count)s row", "Import %(count)s rows", coming, count=format_decimal(coming))


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


def _shown(entity: EntityType, one: Import, found: Preview) -> dict[str, Any]:
    labels = refused.labels_of(entity)
    shown = _fields_as_saved(entity, one)
    return {
        "headings": [str(field.label) for field in shown],
        "rows": [_preview_row(row, shown, labels) for row in found.rows],
        "summary": _summary(found, one),
        "refused": found.refused,
        "met": _met_sentence(found, one),
        "shared": _shared_sentence(found),
        "examples": _examples(entity, found),
        "reasons": [
            (" ".join(refused.said([reason], labels)), format_decimal(count)) for reason, count in found.reasons
        ],
    }


def _fields_as_saved(entity: EntityType, one: Import) -> list[Field]:
    """A column that holds several fields is shown as those."""
    fields = entity_types.entry_fields(entity)
    parts = {part for field in fields if field.whole and field.name in one.mapping for part in field.whole.parts}
    named = {*one.mapping, *parts}
    return [field for field in fields if field.name in named and field.whole is None]


def _met_sentence(found: Preview, one: Import) -> str:
    """How many rows are about records that exist; empty where none is."""
    count = found.met
    if not count:
        return ""
    if found.checked < one.total:
        return ngettext(
            "Of the first %(checked)s rows, %(count)s is about a record that exists.",
            "Of the first %(checked)s rows, %(count)s are about records that exist.",
            count,
            count=format_decimal(count),
            checked=format_decimal(found.checked),
        )
    return ngettext(
        "%(count)s row is about a record that exists.",
        "%(count)s rows are about records that exist.",
        count,
        count=format_decimal(count),
    )


def _shared_sentence(found: Preview) -> str:
    """How many rows are about people whose e-mail address somebody else has; empty where none is."""
    if not found.shared:
        return ""
    return ngettext(
        "%(count)s row has the e-mail address of somebody else.",
        "%(count)s rows have the e-mail address of somebody else.",
        found.shared,
        count=format_decimal(found.shared),
    )


def _examples(entity: EntityType, found: Preview) -> list[tuple[int, str, str]]:
    """(row, what the record is called, its page)"""
    ids = [record_id for record_id, _ in found.examples]
    titles: Mapping[Any, str] = records.titles(entity, ids) if ids else {}
    return [
        (number, titles.get(record_id, ""), url_for(entity.endpoint, record_id=record_id))
        for record_id, number in found.examples
    ]


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
