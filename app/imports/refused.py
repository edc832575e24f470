"""The refused rows as a list of their own, to be mended and imported again."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from flask_babel import gettext

from app.core.cells import delimiter, harmless
from app.core.entities import EntityType, entity_types
from app.imports import queries, sheets
from app.imports.models import Import
from tenants import files

_IN_MEMORY = 1 << 20


def written(entity: EntityType, one: Import) -> IO[bytes]:
    """As CSV with the original headings and a column with the reasons; UTF-8 with a mark, for Excel."""
    out = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  whoever sends it closes it
    text = io.TextIOWrapper(out, "utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=delimiter(one.locale))
    # Lists of earlier times did not remember their headings.
    headings = one.headings or sheets.headings(files.path_of(one.file_id))
    writer.writerow([*map(harmless, headings), gettext("Why it was refused")])
    labels = labels_of(entity)
    for reasons, cells in queries.all_refusals(one.id):
        padded = [*map(harmless, cells), *[""] * (len(headings) - len(cells))]
        writer.writerow([*padded, " ".join(said(reasons, labels))])
    text.detach()
    out.seek(0)
    return out


def labels_of(entity: EntityType) -> Mapping[str, str]:
    return {field.name: str(field.label) for field in entity_types.entry_fields(entity)}


def said(reasons: Sequence[Sequence[str]], labels: Mapping[str, str]) -> list[str]:
    """The reasons, each with the field it is about."""
    return [
        gettext("%(field)s: %(reason)s", field=labels.get(name, name), reason=sentence) if name else sentence
        for name, sentence in reasons
    ]
